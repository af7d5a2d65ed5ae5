import * as z from 'zod/mini';
import { Bundle, KyberPreKey, OneTimePreKey, SignedDeviceList, SignedPreKey } from '../devices.ts';
import {
  bytes,
  Cursor,
  DeviceId,
  Hash,
  Instant,
  integer,
  PublicKey,
  queryInteger,
  Uuid,
} from '../scalars.ts';
import { route } from './route.ts';

const oneTimePreKeys = z._default(z.array(OneTimePreKey).check(z.maxLength(200)), []);
const kyberPreKeys = z._default(z.array(KyberPreKey).check(z.maxLength(100)), []);
/** A device's name, sealed under the account's vault key. */
const SealedName = bytes(28, 512);
/** How many one-time keys the server still holds for the device. */
const Stock = z.object({ oneTime: integer(0), kyber: integer(0) });

export const putDevice = route({
  method: 'PUT',
  path: '/keys/device',
  summary: 'Publish this device: its keys and the signed device list that names it',
  auth: true,
  body: z.strictObject({
    deviceId: DeviceId,
    registrationId: integer(1, 16380),
    signedPreKey: SignedPreKey,
    /** Last-resort Kyber key: handed out when the one-time ones are used up. */
    kyberPreKey: z.optional(KyberPreKey),
    oneTimePreKeys,
    kyberPreKeys,
    /** What its owner calls it, sealed under the account's vault key; without one it keeps the name that it has. */
    sealedName: z.optional(SealedName),
    /** Must be the successor (`version` + 1) of the list that the server has, or that same list again. */
    deviceList: SignedDeviceList,
  }),
  status: 200,
  reply: Stock,
  problems: ['conflict', 'session-revoked'],
});

const deviceParams = z.strictObject({ device: queryInteger(1, 127) });

export const listDevices = route({
  method: 'GET',
  path: '/keys/devices',
  summary: "One's own devices, as far as the service knows them; the signed list is the truth",
  auth: true,
  status: 200,
  reply: z.object({
    items: z.array(z.object({ deviceId: DeviceId, sealedName: z.nullable(SealedName), lastSeen: Instant })),
  }),
  problems: [],
});

export const nameDevice = route({
  method: 'PATCH',
  path: '/keys/devices/:device',
  summary: "Name one of one's devices",
  auth: true,
  params: deviceParams,
  body: z.strictObject({ sealedName: SealedName }),
  status: 204,
  problems: ['not-found'],
});

export const dropDevice = route({
  method: 'DELETE',
  path: '/keys/devices/:device',
  summary: "Drop one of one's devices by a signed list without it; its sessions end",
  auth: true,
  params: deviceParams,
  body: z.strictObject({ deviceList: SignedDeviceList }),
  status: 204,
  problems: ['conflict', 'session-revoked'],
});

export const addPreKeys = route({
  method: 'POST',
  path: '/keys/prekeys',
  summary: 'Add one-time prekeys for a device; with none, just asks how many are left',
  auth: true,
  body: z.strictObject({ deviceId: DeviceId, oneTimePreKeys, kyberPreKeys }),
  status: 200,
  reply: Stock,
  problems: ['not-found'],
});

export const getBundles = route({
  method: 'GET',
  path: '/users/:id/bundles',
  summary: "A person's signed device list, and a key bundle of each device asked for",
  auth: true,
  params: z.strictObject({ id: Uuid }),
  query: z.strictObject({
    /** A room that both are members of; not needed for one's own devices. */
    room: z.optional(Uuid),
    /** Device numbers separated by commas; none: only the list. */
    devices: z.optional(z.string().check(z.regex(/^[0-9]{1,3}(,[0-9]{1,3}){0,19}$/))),
  }),
  status: 200,
  reply: z.object({
    userId: Uuid,
    identityKey: PublicKey,
    deviceList: z.nullable(SignedDeviceList),
    bundles: z.array(Bundle),
  }),
  problems: ['not-a-member', 'not-found', 'rate-limited'],
});

/** A sender chain as one account has sealed it for its other devices (`crypto/account/chain-backup.ts`). */
export const ChainBackup = z.strictObject({ id: Hash, sealed: bytes(29, 1024) });
export type ChainBackup = z.infer<typeof ChainBackup>;

export const putBackup = route({
  method: 'PUT',
  path: '/keys/backup',
  summary: "Keep sealed sender chains for the account's other devices; what stands under an id already stays",
  auth: true,
  body: z.strictObject({
    entries: z
      .array(z.strictObject({ ...ChainBackup.shape, chatroomId: Uuid }))
      .check(z.minLength(1), z.maxLength(100)),
  }),
  status: 204,
  problems: ['not-a-member', 'backup-full', 'session-revoked'],
});

export const getBackup = route({
  method: 'GET',
  path: '/keys/backup',
  summary: "A page of the account's own sealed sender chains of a room",
  auth: true,
  query: z.strictObject({
    room: Uuid,
    /** The `next` of the page before. */
    cursor: z.optional(Cursor),
    limit: z._default(queryInteger(1, 1000), 500),
  }),
  status: 200,
  reply: z.object({ items: z.array(ChainBackup), next: z.nullable(Cursor) }),
  problems: ['session-revoked'],
});
