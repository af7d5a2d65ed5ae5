import * as z from 'zod/mini';
import { bytes, DeviceId, integer, Millis, PublicKey, Signature, Uuid } from './scalars.ts';

/** A device list: signed by the account's identity key; a device that it does not name gets no key from anybody. */
export const DeviceList = z.strictObject({
  v: z.literal(1),
  user: Uuid,
  /** Grows by one with each change; clients refuse an older one than they have seen. */
  version: integer(1),
  /** The lowest handshake that this account's devices accept: 3 X3DH, 4 PQXDH. */
  minHandshake: z.union([z.literal(3), z.literal(4)]),
  devices: z
    .array(z.strictObject({ id: DeviceId, registrationId: integer(1, 16380), addedAt: Millis }))
    .check(z.maxLength(20)),
  /** The highest number ever given; numbers are not used twice. */
  lastId: integer(1, 127),
});
export type DeviceList = z.infer<typeof DeviceList>;

/** The exact signed bytes of a `DeviceList` (JSON, UTF-8) and the identity key's XEdDSA signature. */
export const SignedDeviceList = z.strictObject({ body: bytes(2, 4096), signature: Signature });
export type SignedDeviceList = z.infer<typeof SignedDeviceList>;

const KeyId = integer(1, 0xffffff);
export const OneTimePreKey = z.strictObject({ id: KeyId, publicKey: PublicKey });
export const SignedPreKey = z.strictObject({ id: KeyId, publicKey: PublicKey, signature: Signature });
/** Kyber-1024 public key as Signal writes it: 08 ‖ 1568 bytes. */
export const KyberPreKey = z.strictObject({ id: KeyId, publicKey: bytes(1569), signature: Signature });

/** What `GET /users/:id/bundles` hands out for one device; each one-time key exactly once. */
export const Bundle = z.strictObject({
  deviceId: DeviceId,
  registrationId: integer(1, 16380),
  signedPreKey: SignedPreKey,
  kyberPreKey: z.optional(KyberPreKey),
  oneTimePreKey: z.optional(OneTimePreKey),
});
export type Bundle = z.infer<typeof Bundle>;
