// What the server may never see, looked for in all that it received and kept: each key that two clients hold at the end.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromBase64 } from '../protocol/bytes.ts';
import { Store } from '../web/src/engine/store/store.ts';
import { register, untilOnline, untilText, untilView } from './headless.ts';
import { type Line, openLine } from './line.ts';
import { storedBytes } from './stored.ts';
import { freshSystem, type TestSystem } from './system.ts';

let system: TestSystem;
let line: Line;
beforeAll(async () => {
  system = await freshSystem({ web: false });
  line = await openLine(system.port);
});
afterAll(async () => {
  await line?.close();
  await system?.remove();
});

/** Private keys and secrets of a client's store, base64url, by what they are. */
async function secretsOf(storeName: string): Promise<[string, string][]> {
  const store = await Store.open(storeName);
  const { secret } = (await store.get('secrets', 'me'))!;
  const rooms = await store.list('rooms');
  const prekeys = await store.list('prekeys');
  store.close();
  return [
    ['account secret', secret],
    ...rooms.map(([key, { secret }]): [string, string] => [`room secret ${key}`, secret]),
    ...prekeys.map(([key, { privateKey }]): [string, string] => [`private prekey ${key}`, privateKey]),
  ];
}

it('no key leaves a client readable: not in requests, frames, logs, rows or objects', async () => {
  const stores = ['ana', 'ben'].map((name) => `${name}-${crypto.randomUUID()}`) as [string, string];
  const ana = await register(line.url, 'Ana', stores[0]);
  const ben = await register(line.url, 'Ben', stores[1]);
  const room = await ana.createRoom('Keys');
  const link = await ana.room(room).invite();
  await ben.join(link);
  await Promise.all([untilOnline(ana, room), untilOnline(ben, room)]);
  await ana.room(room).send('hello');
  await untilText(ben, room, 'hello');
  await ben.room(room).send('hello back');
  await untilText(ana, room, 'hello back');
  const content = crypto.getRandomValues(new Uint8Array(60_000));
  await ana.room(room).sendFile(new File([content], 'plan.bin'));
  await untilView(ben, room, ({ timeline }) => timeline.some(({ kind }) => kind === 'file'));
  await Promise.all([ana.close(), ben.close()]);

  const secrets: [string, string][] = [
    ['invite secret', link.split('.').at(-1)!],
    ...(await secretsOf(stores[0])),
    ...(await secretsOf(stores[1])),
  ];
  expect(secrets.length).toBeGreaterThan(80);
  const received = line.received();
  await system.stop();
  const haystack = Buffer.concat([received, Buffer.from(system.output()), await storedBytes(system.dataDir)]);
  const known = (needle: string | Uint8Array) =>
    haystack.includes(typeof needle === 'string' ? needle : Buffer.from(needle));
  for (const [what, secret] of secrets) {
    const bytes = fromBase64(secret);
    // Inside other base64 the first and last characters depend on what stands beside them.
    const forms = [secret.slice(0, -1), Buffer.from(bytes).toString('hex'), bytes.subarray(-32)];
    expect(forms.some(known), `the server knows the ${what}`).toBe(false);
  }
  expect(known(content.subarray(1000, 1040)), 'the server knows the file').toBe(false);
  // The record is no blind one: what the server has to know is in it.
  expect(known(ana.account.email)).toBe(true);
  expect(known('"publicKey"')).toBe(true);
});
