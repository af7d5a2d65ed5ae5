import * as z from 'zod/mini';
import { Role, SignedEntry } from '../roster.ts';
import { Instant, integer, Uuid } from '../scalars.ts';
import { FileDelta, Message } from '../socket.ts';
import { User } from './auth.ts';

/** Sealed, signed or public: as it is stored, base64url. */
const Stored = z.string();
const PreKey = z.object({ id: z.int(), publicKey: Stored, signature: Stored });

/**
 * All that the service holds of an account, as it holds it: what is sealed stays sealed. Left out are hashes by which it recognises
 * a password, a recovery code and tokens. Messages of the last seconds may be missing.
 */
export const AccountExport = z.object({
  exportedAt: Instant,
  user: z.object({
    ...User.shape,
    status: z.enum(['active', 'suspended']),
    wrappedSecret: Stored,
    sealedProfile: z.nullable(Stored),
    recoverySecret: z.nullable(Stored),
  }),
  sessions: z.array(
    z.object({
      id: Uuid,
      deviceId: z.nullable(z.int()),
      createdAt: Instant,
      usedAt: Instant,
      expiresAt: Instant,
      revokedAt: z.nullable(Instant),
    }),
  ),
  refreshTokens: z.array(
    z.object({
      id: Uuid,
      family: Uuid,
      createdAt: Instant,
      expiresAt: Instant,
      usedAt: z.nullable(Instant),
      successor: z.nullable(Uuid),
    }),
  ),
  passkeys: z.array(
    z.object({
      id: Stored,
      publicKey: Stored,
      algorithm: z.int(),
      signCount: z.int(),
      sealedName: Stored,
      wrappedSecret: Stored,
      createdAt: Instant,
      usedAt: z.nullable(Instant),
    }),
  ),
  /** Where browsers of the account are woken. */
  pushSubscriptions: z.array(z.object({ sessionId: Uuid, endpoint: z.string() })),
  deviceLists: z.array(z.object({ version: z.int(), body: Stored, signature: Stored })),
  devices: z.array(
    z.object({
      id: z.int(),
      registrationId: z.int(),
      signedPreKey: PreKey,
      kyberPreKey: z.nullable(PreKey),
      sealedName: z.nullable(Stored),
      createdAt: Instant,
      lastSeen: Instant,
    }),
  ),
  oneTimePreKeys: z.array(
    z.object({
      deviceId: z.int(),
      kind: z.enum(['ec', 'kyber']),
      keyId: z.int(),
      publicKey: Stored,
      signature: z.nullable(Stored),
      handedOutAt: z.nullable(Instant),
    }),
  ),
  keyBackups: z.array(z.object({ chatroomId: Uuid, id: Stored, sealed: Stored, createdAt: Instant })),
  memberships: z.array(z.object({ chatroomId: Uuid, role: Role, joinedAt: Instant, sealedKey: Stored })),
  /** What the account has signed in the rosters of rooms that it is in. */
  rosterEntries: z.array(z.object({ ...SignedEntry.shape, chatroomId: Uuid })),
  /** Of which rooms its account knows that there is something new. */
  news: z.array(z.object({ chatroomId: Uuid, seq: integer(0) })),
  files: z.array(
    z.object({
      id: Uuid,
      chatroomId: Uuid,
      fileName: Stored,
      encryptedKey: Stored,
      storagePath: z.string(),
      state: z.enum(['uploading', 'complete', 'deleted']),
      sizes: z.array(z.int()),
      createdAt: Instant,
      expiry: z.nullable(Instant),
      deletedAt: z.nullable(Instant),
    }),
  ),
  /** The pieces of the manifests of these files. */
  fileDeltas: z.array(z.object({ ...FileDelta.shape, fileId: Uuid })),
  /** Other people's file keys, as wrapped to the account. */
  fileKeys: z.array(z.object({ fileId: Uuid, encryptedKey: Stored })),
  /** What the account has sent, by room and in order. */
  messages: z.array(z.object({ ...Message.shape, chatroomId: Uuid })),
  /** What the account has reported. */
  reports: z.array(
    z.object({
      id: Uuid,
      createdAt: Instant,
      chatroomId: Uuid,
      seq: integer(1),
      reason: z.string(),
      note: z.nullable(z.string()),
      envelope: z.nullable(Stored),
      fileKey: z.nullable(Stored),
    }),
  ),
  /** The document's end: one without it was cut off on its way. */
  complete: z.literal(true),
});
export type AccountExport = z.infer<typeof AccountExport>;
