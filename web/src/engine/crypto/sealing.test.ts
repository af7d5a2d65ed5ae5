import 'fake-indexeddb/auto';
import { afterEach, expect, it } from 'vitest';
import { TestDevice } from './testing/device.ts';
import { TestRoom } from './testing/room.ts';
import { Service } from './testing/service.ts';

const devices: TestDevice[] = [];
afterEach(() => {
  for (const device of devices.splice(0)) device.close();
});

/** A room of so many people, with one device each. */
async function room(service: Service, people: number): Promise<string> {
  for (let i = 0; i < people; i++) devices.push(await TestDevice.create(service));
  const made = new TestRoom();
  await made.begin(devices as [TestDevice, ...TestDevice[]]);
  return made.id;
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
