import { fromBase64, fromUtf8, toBase64, utf8 } from '../../protocol/bytes.ts';
import { DeviceList, deviceListSigned, type SignedDeviceList } from '../../protocol/devices.ts';
import { sign, verify } from '../signal/curve.ts';

/** A device list that must not be believed. */
export class DeviceListError extends Error {
  readonly reason: 'malformed' | 'bad-signature' | 'wrong-user' | 'rolled-back';
  constructor(reason: DeviceListError['reason'], message: string) {
    super(message);
    this.name = 'DeviceListError';
    this.reason = reason;
  }
}

/** Signs a device list with the account's identity key (XEdDSA). */
export function signDeviceList(list: DeviceList, identityPrivateKey: Uint8Array): SignedDeviceList {
  const body = utf8(JSON.stringify(list));
  return { body: toBase64(body), signature: toBase64(sign(identityPrivateKey, deviceListSigned(body))) };
}

/**
 * The list of `userId`, checked against the identity key (33 bytes) that the caller trusts.
 *
 * @param seenVersion the newest version seen before; an older one is refused.
 * @throws DeviceListError
 */
export async function openDeviceList(
  signed: SignedDeviceList,
  userId: string,
  identityKey: Uint8Array,
  seenVersion = 0,
): Promise<DeviceList> {
  const body = fromBase64(signed.body);
  if (!(await verify(identityKey, deviceListSigned(body), fromBase64(signed.signature))))
    throw new DeviceListError('bad-signature', "the device list is not signed by the account's identity key");
  let list: DeviceList;
  try {
    list = DeviceList.parse(JSON.parse(fromUtf8(body)));
  } catch {
    throw new DeviceListError('malformed', 'the device list cannot be read');
  }
  if (list.user !== userId)
    throw new DeviceListError('wrong-user', 'the device list belongs to another account');
  if (list.version < seenVersion)
    throw new DeviceListError('rolled-back', 'the device list is older than one seen before');
  return list;
}
