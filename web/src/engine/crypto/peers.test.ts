import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SignedDeviceList } from '../../../../protocol/devices.ts';
import { createLocks } from '../store/locks.ts';
import { Store, type Table } from '../store/store.ts';
import { Peers } from './peers.ts';
import { TestDevice } from './testing/device.ts';
import { Service } from './testing/service.ts';

const room = uuidv7();
let service: Service;
let ana: TestDevice;
/** Ben's store, and what he knows of others by it. */
let store: Store<Table>;
let peers: Peers;

beforeEach(async () => {
  service = new Service();
  ana = await TestDevice.create(service);
  const name = `peers-${crypto.randomUUID()}`;
  store = await Store.open(name);
  peers = newPeers();
});
afterEach(() => {
  ana.close();
  store.close();
});

/** As after a reload: nothing is known but what was stored. */
const newPeers = () =>
  new Peers({ store, locks: createLocks(`peers-${uuidv7()}`), api: service.apiFor(uuidv7()) });

const person = ({ id, identityKey }: Pick<TestDevice, 'id' | 'identityKey'>) => ({
  userId: id,
  identityKey,
  first: identityKey,
});
const read = (from = peers) => from.devices(room, person(ana), true);
const tell = (list: SignedDeviceList | null) => service.tellList(ana.id, list);

it('a member’s device list that was seen is not taken back, hidden or replaced by another of its version', async () => {
  const [second, third] = [await ana.signList(2, 8), await ana.signList(3)];
  const first = service.listOf(ana.id)!;
  for (const [list, count] of [
    [first, 1],
    [second, 2],
    [third, 1],
    [third, 1],
  ] as const) {
    tell(list);
    expect((await read()).devices).toHaveLength(count);
  }
  // The ghost device of the second list is put back in each way there is.
  for (const from of [peers, newPeers()]) {
    for (const [list, reason] of [
      [second, 'rolled-back'],
      [first, 'rolled-back'],
      [null, 'rolled-back'],
      [await ana.signList(3, 8), 'forked'],
    ] as const) {
      tell(list);
      await expect(read(from)).rejects.toMatchObject({ name: 'DeviceListError', reason });
      expect((await store.get('peers', ana.id))?.list).toEqual(third);
    }
    // Believed is what was seen before.
    expect((await from.devices(room, person(ana))).devices).toHaveLength(1);
  }
  tell(await ana.signList(4, 8));
  expect((await read()).devices).toHaveLength(2);
});

it('a list that somebody else signed, or signed for somebody else, is not believed, also where none was seen', async () => {
  const eve = await TestDevice.create(service);
  const list = service.listOf(ana.id)!;
  tell(service.listOf(eve.id));
  await expect(read()).rejects.toMatchObject({ name: 'DeviceListError', reason: 'bad-signature' });
  tell({ ...list, body: (await ana.signList(1, 8)).body });
  await expect(read()).rejects.toMatchObject({ name: 'DeviceListError', reason: 'bad-signature' });
  // Eve, at Ana's name, with a list of her own.
  await expect(
    peers.devices(room, person({ id: eve.id, identityKey: ana.identityKey }), true),
  ).rejects.toMatchObject({
    reason: 'wrong-identity',
  });
  expect(await store.list('peers')).toEqual([]);
  eve.close();
});

it('is asked for again after five minutes, not before', async () => {
  await read();
  tell(await ana.signList(2, 8));
  expect((await peers.devices(room, person(ana))).devices).toHaveLength(1);
  const row = (await store.get('peers', ana.id))!;
  const value = { ...row, readAt: Date.now() - 5 * 60_000 };
  await store.write([{ table: 'peers', key: ana.id, value }]);
  expect((await peers.devices(room, person(ana))).devices).toHaveLength(2);
});

it('bundles are taken for devices of the list alone, as the list describes them', async () => {
  const list = await read();
  const bundles = (of: typeof list, ids: number[]) => peers.bundles(room, of, ana.identityKey, ids);
  expect([...(await bundles(list, [1])).keys()]).toEqual([1]);
  expect((await bundles({ ...list, devices: [] }, [1])).size).toBe(0);
  const [device] = list.devices;
  const other = { ...list, devices: [{ ...device!, registrationId: 8 }] };
  expect((await bundles(other, [1])).size).toBe(0);
  await expect(peers.bundles(room, list, `${ana.identityKey}A`, [1])).rejects.toMatchObject({
    reason: 'wrong-identity',
  });
});
