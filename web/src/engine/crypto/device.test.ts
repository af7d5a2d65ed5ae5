import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TestDevice } from './testing/device.ts';
import { Service } from './testing/service.ts';

let service: Service;
let ben: TestDevice;
beforeEach(async () => {
  service = new Service();
  ben = await TestDevice.create(service);
});
afterEach(() => {
  vi.useRealTimers();
  ben.close();
});

/** `count` handshakes take prekeys of Ben's. */
async function taken(count: number): Promise<void> {
  const query = { devices: '1' };
  for (let i = 0; i < count; i++)
    await service.apiFor(ben.id)('getBundles', { params: { id: ben.id }, query });
}
const refill = () => ben.do((host) => host.refillPreKeys());
const privateKeys = async () => {
  const rows = await ben.store.list('prekeys');
  const count = (kind: string) => rows.filter(([, row]) => row.kind === kind).length;
  return { ec: count('ec'), kyber: count('kyber'), signed: count('signed'), last: count('kyber-last') };
};

it('one-time prekeys of both kinds are filled up below 20, by as many as are missing', async () => {
  expect(service.stock(ben.id)).toEqual({ oneTime: 30, kyber: 30 });
  await taken(10);
  await refill();
  expect(service.stock(ben.id)).toEqual({ oneTime: 20, kyber: 20 });
  await taken(1);
  await refill();
  expect(service.stock(ben.id)).toEqual({ oneTime: 30, kyber: 30 });
  // Each key that was ever handed out opens a handshake still: none took the number of another.
  expect(await privateKeys()).toEqual({ ec: 41, kyber: 41, signed: 1, last: 1 });
});

it('the weekly rotation brings new lasting keys, and one-time keys only where they run low', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const aWeekLater = async () => {
    vi.setSystemTime(Date.now() + 7 * 24 * 3_600_000);
    await ben.do((host) => host.rotatePreKeys());
  };
  await aWeekLater();
  expect(await privateKeys()).toEqual({ ec: 30, kyber: 30, signed: 2, last: 2 });
  expect(service.stock(ben.id)).toEqual({ oneTime: 30, kyber: 30 });
  await taken(15);
  await aWeekLater();
  expect(service.stock(ben.id)).toEqual({ oneTime: 30, kyber: 30 });
  expect(await privateKeys()).toEqual({ ec: 45, kyber: 45, signed: 3, last: 3 });
});
