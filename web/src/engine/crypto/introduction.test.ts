import 'fake-indexeddb/auto';
import { afterEach, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { Message } from '../../../../protocol/socket.ts';
import { TestDevice } from './testing/device.ts';
import { TestRoom } from './testing/room.ts';
import { Service } from './testing/service.ts';

const devices: TestDevice[] = [];
afterEach(() => {
  for (const device of devices.splice(0)) device.close();
});

/** As large a picture as somebody can have. */
const picture = toBase64(crypto.getRandomValues(new Uint8Array(16_384)));
const profileOf = (i: number) => ({ name: `Person ${i}`, picture, since: 1000 + i });

async function people(service: Service, many: number): Promise<TestDevice[]> {
  for (let i = 0; i < many; i++) devices.push(await TestDevice.create(service));
  return devices;
}

/** What all devices of a room are sent of these messages, each account having one device, in bytes of ciphertext. */
const sentTo = (among: readonly TestDevice[], messages: readonly Message[]) =>
  among.reduce((sum, { id, address }) => {
    const theirs = messages.filter(({ recipient }) => recipient === undefined || recipient === address);
    return (
      sum + theirs.reduce((bytes, { box, sender }) => bytes + (sender === id ? 0 : fromBase64(box).length), 0)
    );
  }, 0);

it('who comes into a room of twenty learns who everybody is, and that costs the others next to nothing', {
  timeout: 120_000,
}, async () => {
  const service = new Service();
  const all = await people(service, 20);
  const [newcomer, ...others] = all.toReversed() as [TestDevice, ...TestDevice[]];
  const room = new TestRoom();
  await room.begin(others as [TestDevice, ...TestDevice[]]);
  for (const [i, other] of others.entries()) await other.say(room.id, { kind: 'profile', ...profileOf(i) });
  // Once more to everybody, as it was before: all of them hear everybody else.
  const asBefore = sentTo(
    others,
    service.log.filter(({ recipient }) => recipient === undefined),
  );
  for (const other of others) await other.catchUp(room.id);
  await room.join(newcomer);
  await room.tell(all);
  const before = service.log.length;
  for (const other of others) await other.say(room.id, { kind: 'device', deviceId: 1 });
  const greetings = service.log.slice(before);
  await newcomer.catchUp(room.id);
  const known = await newcomer.store.list('profiles', `${room.id}/`);
  expect(new Map(known.map(([key, { seq: _, ...profile }]) => [key.split('/')[1], profile]))).toEqual(
    new Map(others.map(({ id }, i) => [id, profileOf(i)])),
  );
  expect((await newcomer.store.get('rooms', room.id))!.profiles).toBe(1);
  expect(sentTo(all, greetings)).toBeLessThan(asBefore / 12);
  expect(sentTo(others, greetings)).toBeLessThan(asBefore / 50);
});

it('it is told once: with no later chain, nor to who was there when it was said, unless it could not be opened', {
  timeout: 60_000,
}, async () => {
  const service = new Service();
  const [ana, ben, carla] = (await people(service, 3)) as [TestDevice, TestDevice, TestDevice];
  const room = new TestRoom();
  await room.begin([ana, ben]);
  const profile = profileOf(0);
  await ana.say(room.id, { kind: 'profile', ...profile });
  await ana.catchUp(room.id);
  await room.join(carla);
  await room.tell([ana, ben, carla]);
  /** Who is sent a key and the profile with it when something is said. */
  const introduced = async () => {
    const before = service.log.length;
    await ana.say(room.id, { kind: 'device', deviceId: 1 });
    for (const each of [ana, ben, carla]) await each.catchUp(room.id);
    const keys = service.log.slice(before).filter(({ recipient }) => recipient !== undefined);
    return keys.map(({ recipient, box }) => [recipient, fromBase64(box).length > 16_384]);
  };
  const chain = async () => (await ana.store.get('ownChains', room.id))!;
  expect(await introduced()).toEqual([[carla.address, true]]);
  const spent = { ...(await chain()), count: 100 };
  await ana.change((draft) => draft.put('ownChains', room.id, spent));
  expect(await introduced()).toEqual([
    [ben.address, false],
    [carla.address, false],
  ]);
  // Carla has lost her sessions, and with them what Ana gives her next.
  const again = { ...(await chain()), sentTo: [ben.address], again: [carla.address] };
  await ana.change((draft) => draft.put('ownChains', room.id, again));
  expect(await introduced()).toEqual([[carla.address, true]]);
  expect(await carla.store.get('profiles', `${room.id}/${ana.id}`)).toMatchObject(profile);
});

it('who was told by a version that did not listen asks once more, and is told, by a spent chain too', {
  timeout: 60_000,
}, async () => {
  const service = new Service();
  const [ana, ben] = (await people(service, 2)) as [TestDevice, TestDevice];
  const room = new TestRoom();
  await room.begin([ana]);
  const profile = profileOf(0);
  await ana.say(room.id, { kind: 'profile', ...profile });
  await ana.catchUp(room.id);
  await room.join(ben);
  await room.tell([ana, ben]);
  const known = () => ben.store.get('profiles', `${room.id}/${ana.id}`);
  const hear = async () => {
    await ana.say(room.id, { kind: 'device', deviceId: 1 });
    await ben.catchUp(room.id);
  };
  const forget = () => ben.change((draft) => draft.delete('profiles', `${room.id}/${ana.id}`));
  const ask = async () => {
    await ben.say(room.id, { kind: 'device', deviceId: 1, unheard: true });
    await ana.catchUp(room.id);
  };
  await hear();
  await forget();
  await hear();
  expect(await known()).toBeUndefined();
  await ask();
  await hear();
  expect(await known()).toMatchObject(profile);

  await forget();
  // Later, by a new chain; and it was more than a minute ago that he asked.
  const [chain, row] = [
    (await ana.store.get('ownChains', room.id))!,
    (await ana.store.get('rooms', room.id))!,
  ];
  await ana.change((draft) => {
    draft.put('ownChains', room.id, { ...chain, count: 100 });
    draft.put('rooms', room.id, { ...row, answered: {} });
  });
  await hear();
  expect(await known()).toBeUndefined();
  const spent = { ...(await ana.store.get('ownChains', room.id))!, met: [ben.address], sentTo: [] };
  await ana.change((draft) => draft.put('ownChains', room.id, { ...spent, count: 100 }));
  await ask();
  await hear();
  expect(await known()).toMatchObject(profile);
});
