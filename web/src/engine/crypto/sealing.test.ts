import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { afterEach, expect, it } from 'vitest';
import { createInvite, inviteKeyOf, signByInvite } from '../../../../crypto/room/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { RosterEntry, SignedEntry } from '../../../../protocol/roster.ts';
import { RosterLog } from '../rooms/roster.ts';
import { TestDevice } from './testing/device.ts';
import { Service } from './testing/service.ts';

type Rest<E> = E extends RosterEntry ? Omit<E, 'v' | 'room' | 'seq' | 'prev' | 'by' | 'at'> : never;
const profile = toBase64(new Uint8Array(40));
const devices: TestDevice[] = [];
afterEach(() => {
  for (const device of devices.splice(0)) device.close();
});

/** A room of so many people, with one device each. */
async function room(service: Service, people: number): Promise<string> {
  const id = uuidv7();
  const invite = createInvite(id);
  const inviteKey = inviteKeyOf(invite);
  const log = new RosterLog(id);
  const entry = async (by: TestDevice, rest: Rest<RosterEntry>) => {
    const { seq, head: prev } = log.entries.length ? log.verified.roster : { seq: -1, head: null };
    const link = { v: 1, room: id, seq: seq + 1, prev, by: by.id, at: Date.now() };
    const signed: SignedEntry = await by.do((host) => host.signEntry({ ...link, ...rest } as RosterEntry));
    await log.add([rest.kind === 'joined' ? signByInvite(signed, invite) : signed]);
  };
  for (let i = 0; i < people; i++) {
    const person = await TestDevice.create(service);
    devices.push(person);
    const { identityKey } = person;
    if (i > 0) await entry(person, { kind: 'joined', identityKey, inviteKey, profile });
    else {
      await entry(person, { kind: 'created', identityKey, profile });
      const terms = { role: 'member', expires: Date.now() + 1e10, uses: 100, sealed: profile } as const;
      await entry(person, { kind: 'invite', inviteKey, ...terms });
    }
  }
  for (const device of devices) await device.enter(id, [...log.entries]);
  return id;
}

it('who can be given no key is told of, and holds nobody up: no device is listed, or the service has no keys of any', {
  timeout: 60_000,
}, async () => {
  const service = new Service();
  const id = await room(service, 4);
  const [ana, ben, carla, dan] = devices as [TestDevice, TestDevice, TestDevice, TestDevice];
  service.tellList(ben.id, null);
  service.loseKeys(carla.id);
  await ana.write(id, 'hello');
  await ana.flush(id);
  expect((await ana.store.get('rooms', id))!.leftOut).toEqual({
    [ben.id]: 'They are signed in nowhere.',
    [carla.id]: 'The service has no keys of their devices.',
  });
  await dan.catchUp(id);
  expect(await dan.texts(id)).toEqual(['hello']);
});

it('a list that was told of in a message is asked for at once, and an older one is not believed', {
  timeout: 60_000,
}, async () => {
  const service = new Service();
  const id = await room(service, 3);
  const [ana, ben, carla] = devices as [TestDevice, TestDevice, TestDevice];
  await ana.write(id, 'first');
  await ana.flush(id);
  // Ben's own list grows; the service shows it to nobody but him.
  const old = service.listOf(ben.id);
  service.tellList(ben.id, await ben.signList(2));
  await ben.do((host) => host.listDevices());
  await ben.write(id, 'I have a new list');
  await ben.flush(id);
  const newer = service.listOf(ben.id);
  service.tellList(ben.id, old);
  await ana.catchUp(id);
  expect(await ana.texts(id)).toContain('I have a new list');
  await ana.write(id, 'second');
  await ana.flush(id);
  const leftOut = async () => (await ana.store.get('rooms', id))!.leftOut;
  expect(await leftOut()).toEqual({ [ben.id]: expect.stringContaining('hides a newer device list') });
  await carla.catchUp(id);
  expect(await carla.texts(id)).toContain('second');
  service.tellList(ben.id, newer);
  await ana.write(id, 'third');
  await ana.flush(id);
  expect(await leftOut()).toEqual({});
});
