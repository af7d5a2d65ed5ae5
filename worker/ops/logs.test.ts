import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { outgoing } from '../../durable-objects/test/room.ts';
import { fromUtf8, toBase64 } from '../../protocol/bytes.ts';
import {
  Journal,
  type LogLine,
  logKey,
  logsInfo,
  logsName,
  pieceSize,
  readLines,
  splitSealed,
} from '../../protocol/logs.ts';
import { requestNumber } from '../../protocol/problem.ts';
import { routes } from '../../protocol/rest/index.ts';
import { createApp } from '../app.ts';
import { openStore } from '../storage/store.ts';
import { newPerson, problemIn, requestOf } from '../test/client.ts';
import { newRoom } from '../test/rooms.ts';
import { dropOldLogs } from './logs.ts';

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});
let operator: CryptoKeyPair;
let publicKey: string;
beforeAll(async () => {
  operator = await suite.kem.generateKeyPair();
  publicKey = toBase64(new Uint8Array(await suite.kem.serializePublicKey(operator.publicKey)));
});

/** What `object` of the bucket says to who has the key. How the operator's own command opens it is shown by e2e/errors.test.ts. */
async function opened(object: Uint8Array, by = operator): Promise<LogLine[]> {
  const lines = splitSealed(object).map(async (piece) => {
    const [enc, sealed] = [piece.slice(0, 32).buffer, piece.slice(32).buffer];
    const plain = await suite.open({ recipientKey: by.privateKey, enc, info: logsInfo.buffer }, sealed);
    return readLines(fromUtf8(new Uint8Array(plain)));
  });
  return (await Promise.all(lines)).flat();
}

/** Sends `request` to a Worker that seals its log, and waits for what it does after the answer. */
async function send(request: Request, settings: object = {}): Promise<Response> {
  const context = createExecutionContext();
  const response = await createApp().fetch(
    request,
    { ...env, LOG_PUBLIC_KEY: publicKey, ...settings },
    context,
  );
  await waitOnExecutionContext(context);
  return response;
}

const object = () => env.LOGS.getByName(logsName);

describe('the sealed log', () => {
  it('has a line for each request, with its number and an account by another name, and opens to the operator alone', {
    timeout: 60_000,
  }, async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const params = { id: room.id };
    const call = { params, token: ana.token, body: outgoing('a message') };
    const sent = await send(requestOf(routes.sendMessage, call));
    expect(sent.status).toBe(201);
    const number = sent.headers.get('x-request-id');
    const refused = await send(requestOf(routes.me, { token: 'x' }));
    const problem = await problemIn(refused);
    expect(requestNumber(problem)).toBe(refused.headers.get('x-request-id'));
    expect(requestNumber(problem)).not.toBe(number);

    // Lines gather: what is due after a while is one object.
    await runInDurableObject(object(), (_, { storage }) => {
      storage.sql.exec('update piece set at = at - 60000');
    });
    const parcel = await object().due();
    expect(parcel?.key).toMatch(/^logs\/\d{4}\/\d\d\/\d\d\/\d\d\/\d{8}T\d{9}Z-\d+$/);
    const body = parcel?.body ?? new Uint8Array();
    const lines = await opened(body);
    const line = lines.find(({ request }) => request === number);
    expect(line).toMatchObject({
      level: 'info',
      event: 'request',
      method: 'POST',
      route: '/chatrooms/:id/message',
      status: 201,
    });
    expect(line?.who).toMatch(/^[\w-]{12}$/);
    expect(lines.find(({ request }) => request === requestNumber(problem))).toMatchObject({
      status: 401,
      problem: 'unauthenticated',
    });
    const said = JSON.stringify(lines);
    for (const secret of [ana.id, ana.email, ana.token, room.id]) expect(said).not.toContain(secret);
    const stranger = await suite.kem.generateKeyPair();
    await expect(opened(body, stranger)).rejects.toThrow();
    const stored = new TextDecoder('latin1').decode(body);
    for (const word of ['request', '/chatrooms', number ?? '', line?.who ?? ''])
      expect(stored).not.toContain(word);
  });

  it('keeps nothing but what is sealed, hands out the same until it is stored, and waits for storage', {
    timeout: 60_000,
  }, async () => {
    const own = env.LOGS.getByName('another');
    await own.add(publicKey, [{ at: 1, level: 'warn', event: 'a-canary' }]);
    await runInDurableObject(own, (_, { storage }) => {
      const rows = storage.sql.exec<{ sealed: ArrayBuffer }>('select * from piece').toArray();
      expect(new TextDecoder('latin1').decode(rows[0]?.sealed)).not.toContain('canary');
      storage.sql.exec('update piece set at = at - 60000');
    });
    const first = await own.due();
    await own.add(publicKey, [{ at: 2, level: 'warn', event: 'later' }]);
    expect(await own.due()).toEqual(first);
    await own.stored(first?.key ?? '');
    expect(await own.due()).toBeUndefined();
    expect(await own.add('AAAA', [{ at: 3, level: 'warn', event: 'x' }])).toBe(false);
    expect(await own.add(publicKey, [])).toBe(true);
  });
});

it('what many errors say at once is more than a row can hold, and all of it is kept', {
  timeout: 60_000,
}, async () => {
  const own = env.LOGS.getByName('flooded');
  const stack = Array.from({ length: 20 }, (_, i) => `${'f'.repeat(80)} ${'f'.repeat(100)}.js:${i}:1`);
  const lines = Array.from(
    { length: 1000 },
    (_, count): LogLine => ({ at: 1, level: 'error', event: 'app-failed', stack, count }),
  );
  expect(await own.add(publicKey, lines)).toBe(true);
  await own.add(publicKey, [{ at: 2, level: 'warn', event: 'the-next' }]);
  const read: LogLine[] = [];
  for (let parcel = await own.due(); parcel; parcel = await own.due()) {
    for (const piece of splitSealed(parcel.body)) expect(piece.length).toBeLessThan(pieceSize + 100);
    expect(parcel.body.length).toBeLessThan(2 << 20);
    read.push(...(await opened(parcel.body)));
    await own.stored(parcel.key);
    await runInDurableObject(own, (_, { storage }) => {
      storage.sql.exec('update piece set at = at - 60000');
    });
  }
  expect(read.slice(0, 1000)).toEqual(lines);
  expect(read.slice(1000)).toMatchObject([{ event: 'the-next' }]);
});

describe('without a key', () => {
  const printed = { warn: vi.fn(), error: vi.fn() };
  afterEach(() => vi.resetAllMocks());

  it('warnings and errors are printed, and a line that is none of ours is not', () => {
    const journal = new Journal(printed);
    journal.write({ level: 'info', event: 'request' }, false);
    journal.write({ level: 'warn', event: 'outbox-failed', count: 4 }, false);
    journal.write({ level: 'error', event: 'failed', error: 'no "word" of ours: ana@example.org' }, false);
    journal.write({ level: 'error', event: 'failed', email: 'ana@example.org' } as never, false);
    expect(printed.warn.mock.calls.flat().map((text) => JSON.parse(text))).toMatchObject([
      { event: 'outbox-failed', count: 4 },
    ]);
    const errors = printed.error.mock.calls.flat().join();
    expect(errors).not.toContain('example.org');
    expect(errors.match(/line-refused/g)).toHaveLength(2);
    expect(journal.take()).toEqual([]);
  });
});

it('a journal that nobody takes from loses the oldest, and says how many', () => {
  const journal = new Journal(console);
  for (let i = 0; i < 1005; i++) journal.write({ level: 'info', event: 'request', count: i }, true);
  const lines = journal.take();
  expect(lines).toHaveLength(1001);
  expect(lines[0]?.count).toBe(5);
  expect(lines.at(-1)).toMatchObject({ event: 'lines-lost', count: 5 });
});

it('days that are over go, others stay', async () => {
  const store = openStore(env);
  const ago = (days: number) => logKey(Date.now() - days * 86_400_000, 1);
  const keys = [0, 1, 29, 31, 45, 400].map(ago);
  for (const key of keys) await store.put(key, new Uint8Array([1]));
  await dropOldLogs(env);
  const left = [...(await store.sizes('logs/')).keys()];
  for (const [i, key] of keys.entries()) expect(left.includes(key), key).toBe(i < 3);
  await dropOldLogs({ ...env, LOG_DAYS: '10' });
  expect(await store.read(ago(29))).toBeUndefined();
});
