import * as z from 'zod/mini';
import { fromBase64, fromUtf8 } from './bytes.ts';
import { bytes, Hash, integer, Millis, PublicKey, Signature, Uuid } from './scalars.ts';

export * from './roster-rules.ts';

/**
 * The room's roster: a signed, hash-linked log that members keep and the server only stores (DESIGN section 4).
 * An entry travels as the exact bytes that were signed, so nobody has to agree on a canonical JSON.
 */

export const Role = z.enum(['owner', 'admin', 'member']);
export type Role = z.infer<typeof Role>;

const link = { v: z.literal(1), room: Uuid, seq: integer(0), prev: z.nullable(Hash), by: Uuid, at: Millis };
/** The member's name, sealed under the room secret (so that the server does not learn it). */
const profile = bytes(0, 1024);
const InviteKey = bytes(32);

const Created = z.strictObject({ ...link, kind: z.literal('created'), identityKey: PublicKey, profile });
const Invite = z.strictObject({
  ...link,
  kind: z.literal('invite'),
  /** Ed25519 public key; its private key lives in the link's fragment. */
  inviteKey: InviteKey,
  role: z.enum(['admin', 'member']),
  expires: Millis,
  uses: integer(1, 10_000),
  /** The room secret, sealed under a key derived from the invite's private key. */
  sealed: bytes(1, 256),
});
const Revoked = z.strictObject({ ...link, kind: z.literal('revoked'), inviteKey: InviteKey });
const Joined = z.strictObject({
  ...link,
  kind: z.literal('joined'),
  identityKey: PublicKey,
  inviteKey: InviteKey,
  profile,
});
const RoleChanged = z.strictObject({ ...link, kind: z.literal('role'), user: Uuid, role: Role });
const Removed = z.strictObject({ ...link, kind: z.literal('removed'), user: Uuid });
const Left = z.strictObject({ ...link, kind: z.literal('left') });

export const RosterEntry = z.discriminatedUnion('kind', [
  Created,
  Invite,
  Revoked,
  Joined,
  RoleChanged,
  Removed,
  Left,
]);
export type RosterEntry = z.infer<typeof RosterEntry>;
export type RosterKind = RosterEntry['kind'];

/** What travels: the signed bytes, the author's signature, and for `joined` the invite key's as well. */
export const SignedEntry = z.strictObject({
  body: bytes(2, 8192),
  signature: Signature,
  inviteSignature: z.optional(Signature),
});
export type SignedEntry = z.infer<typeof SignedEntry>;

/** Parses the signed bytes of an entry; throws when they do not fit the schema. */
export const readEntry = (entry: SignedEntry): RosterEntry =>
  RosterEntry.parse(JSON.parse(fromUtf8(fromBase64(entry.body))));
