import { concat, fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import type { DeviceList, SignedDeviceList } from '../../protocol/devices.ts';
import { readJson, type Schema } from '../schema.ts';
import { sign, verify } from '../signal/curve.ts';

const domain = utf8('Stream Chat device list v1\0');
/** The bytes that the signature covers. */
const signedBytes = (body: Uint8Array) => concat(domain, body);

/** A device list that must not be believed. */
export class DeviceListError extends Error {
  readonly reason: 'malformed' | 'bad-signature' | 'wrong-user' | 'rolled-back' | 'forked';
  constructor(reason: DeviceListError['reason'], message: string) {
    super(message);
    this.name = 'DeviceListError';
    this.reason = reason;
  }
}

/** Signs a device list with the account's identity key (XEdDSA). */
export function signDeviceList(list: DeviceList, identityPrivateKey: Uint8Array): SignedDeviceList {
  const body = utf8(JSON.stringify(list));
  return { body: toBase64(body), signature: toBase64(sign(identityPrivateKey, signedBytes(body))) };
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
  schema: Schema<DeviceList>,
  seenVersion = 0,
): Promise<DeviceList> {
  const body = fromBase64(signed.body);
  if (!(await verify(identityKey, signedBytes(body), fromBase64(signed.signature))))
    throw new DeviceListError('bad-signature', "the device list is not signed by the account's identity key");
  let list: DeviceList;
  try {
    list = readJson(schema, body);
  } catch {
    throw new DeviceListError('malformed', 'the device list cannot be read');
  }
  if (list.user !== userId)
    throw new DeviceListError('wrong-user', 'the device list belongs to another account');
  if (list.version < seenVersion)
    throw new DeviceListError('rolled-back', 'the device list is older than one seen before');
  return list;
}
