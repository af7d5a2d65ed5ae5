import { expect, it } from 'vitest';
import { concat, fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import { DeviceList } from '../../protocol/devices.ts';
import { generateKeyPair, sign, verify } from '../signal/index.ts';
import { DeviceListError, openDeviceList, signDeviceList } from './index.ts';

const user = '0190d8a0-0000-7000-8000-000000000001';
const other = '0190d8a0-0000-7000-8000-000000000002';
const identity = generateKeyPair();
const list: DeviceList = {
  v: 1,
  user,
  version: 2,
  minHandshake: 4,
  devices: [{ id: 1, registrationId: 7, addedAt: 0 }],
  lastId: 1,
};
const signed = signDeviceList(list, identity.privateKey);
const open = (changed: Partial<typeof signed>, { by = identity, of = user, seen = 0 } = {}) =>
  openDeviceList({ ...signed, ...changed }, of, by.publicKey, DeviceList, seen);
const refused = (reason: string) => ({ name: 'DeviceListError', reason });

it('a device list opens for whoever knows its account and key, and is what was signed', async () => {
  expect(await open({})).toEqual(list);
  expect(await open({}, { seen: 1 })).toEqual(list);
  expect(await open({}, { seen: 2 })).toEqual(list);
  expect(await openDeviceList(signed, user, identity.publicKey, DeviceList)).toEqual(list);
});

it('is refused when it is older than one seen, of somebody else, or signed by another key', async () => {
  await expect(open({}, { seen: 3 })).rejects.toMatchObject(refused('rolled-back'));
  await expect(open({}, { of: other })).rejects.toMatchObject(refused('wrong-user'));
  await expect(open({}, { by: generateKeyPair() })).rejects.toMatchObject(refused('bad-signature'));
  await expect(open({}, { by: generateKeyPair() })).rejects.toThrow(DeviceListError);
});

it('is refused with anything changed', async () => {
  const longer = { ...list, devices: [...list.devices, { id: 2, registrationId: 8, addedAt: 0 }] };
  const body = toBase64(utf8(JSON.stringify(longer)));
  await expect(open({ body })).rejects.toMatchObject(refused('bad-signature'));
  const signature = toBase64(new Uint8Array(64));
  await expect(open({ signature })).rejects.toMatchObject(refused('bad-signature'));
});

it('is refused as malformed when its account signed something else', async () => {
  for (const what of [
    { ...list, minHandshake: 2 },
    { ...list, v: 2 },
  ])
    await expect(open(signDeviceList(what as never, identity.privateKey))).rejects.toMatchObject(
      refused('malformed'),
    );
});

it('is signed as a device list and as nothing else: no other signature of the account stands for one', async () => {
  const body = fromBase64(signed.body);
  const covered = concat(utf8('Stream Chat device list v1\0'), body);
  expect(await verify(identity.publicKey, covered, fromBase64(signed.signature))).toBe(true);
  const bare = toBase64(sign(identity.privateKey, body));
  await expect(open({ signature: bare })).rejects.toMatchObject(refused('bad-signature'));
});
