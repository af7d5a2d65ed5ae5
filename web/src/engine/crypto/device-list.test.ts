import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { expect, it, vi } from 'vitest';
import type { SignedDeviceList } from '../../../../protocol/devices.ts';
import type { Api } from '../api.ts';
import { createLocks } from '../store/locks.ts';
import { Store } from '../store/store.ts';
import { Peers } from './peers.ts';
import { TestDevice } from './testing/device.ts';
import { Service } from './testing/service.ts';

it('a list that was seen cannot be taken back, nor replaced by another: nothing is signed on top of it', async () => {
  const service = new Service();
  const ana = await TestDevice.create(service);
  const lists: SignedDeviceList[] = [service.listOf(ana.id)!];
  // The laptop has seen the phone revoked: version 3.
  for (const version of [2, 3]) {
    lists.push(await ana.signList(version));
    service.tellList(ana.id, lists.at(-1)!);
    await ana.do((host) => host.listDevices());
  }
  const change = () => ana.do((host) => host.dropDevice(1));
  const forged = (cause: string) => ({ reason: 'forged-devices', cause: { reason: cause } });
  service.tellList(ana.id, lists[1]!);
  await expect(change()).rejects.toMatchObject(forged('rolled-back'));
  service.tellList(ana.id, null);
  await expect(change()).rejects.toMatchObject(forged('rolled-back'));
  service.tellList(ana.id, await ana.signList(3, 9));
  await expect(change()).rejects.toMatchObject(forged('forked'));
  expect(service.listOf(ana.id)).not.toEqual(lists[2]);
  service.tellList(ana.id, lists[2]!);
  expect(await ana.do((host) => host.listDevices())).toHaveLength(1);
  ana.close();
});

it('closing waits for a list that is being kept, and one that comes later is not: the closed store is left alone', async () => {
  const service = new Service();
  const ben = await TestDevice.create(service);
  const store = await Store.open(`closing-${crypto.randomUUID()}`);
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const api = (async (name: string, args: never) => {
    asked.resolve();
    await answered.promise;
    return (service.apiFor(uuidv7()) as (name: string, args: never) => Promise<unknown>)(name, args);
  }) as Api;
  const failed = vi.spyOn(console, 'error').mockImplementation(() => {});
  const peers = new Peers({ store, locks: createLocks(crypto.randomUUID()), api });
  const person = { userId: ben.id, identityKey: ben.identityKey, first: ben.identityKey };
  peers.readSoon(uuidv7(), person, 0, 1);
  await asked.promise;
  const sending = peers.devices(uuidv7(), person);
  await peers.close();
  store.close();
  answered.resolve();
  await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  await expect(peers.devices(uuidv7(), person)).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(failed).not.toHaveBeenCalled();
  failed.mockRestore();
  ben.close();
});
