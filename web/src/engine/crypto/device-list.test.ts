import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import type { SignedDeviceList } from '../../../../protocol/devices.ts';
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
