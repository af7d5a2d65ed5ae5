import { ed25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import type { SignedEntry } from '../../protocol/roster.ts';
import { inviteLookSigned, rosterSigned } from '../../protocol/roster-rules.ts';
import { uuidPattern } from '../../protocol/spelling.ts';
import { openWith, sealWith } from '../account/seal.ts';

/** What an invite link's fragment carries. The server sees neither. */
export interface InviteSecret {
  readonly room: string;
  /** Ed25519 private key (RFC 8032 seed), 32 bytes. */
  readonly seed: Uint8Array;
  /** It lets nobody in: one asks by it (`asking.ts`). */
  readonly asks?: true;
}

/** A fresh invite secret for `room`. */
export const createInvite = (room: string): InviteSecret => ({ room, seed: ed25519.utils.randomSecretKey() });

/** The Ed25519 public key that stands in the roster, base64url. */
export const inviteKeyOf = (invite: InviteSecret): string => toBase64(ed25519.getPublicKey(invite.seed));

/** The link's fragment, without `#`. */
export const writeFragment = ({ room, seed, asks }: InviteSecret): string =>
  `${room}.${toBase64(seed)}${asks ? '.ask' : ''}`;

/** Reads a whole invite link or its fragment; undefined when it is none. */
export function readFragment(link: string): InviteSecret | undefined {
  const fragment = link.slice(link.indexOf('#') + 1).trim();
  const [room, secret, asks, ...rest] = fragment.split('.');
  if (!room || !uuidPattern.test(room) || secret?.length !== 43 || rest.length) return undefined;
  if (asks !== undefined && asks !== 'ask') return undefined;
  try {
    return { room, seed: fromBase64(secret), ...(asks && ({ asks: true } as const)) };
  } catch {
    return undefined;
  }
}

const sealKey = (invite: InviteSecret) =>
  hkdf(sha256, invite.seed, undefined, utf8('Stream Chat invite seal v1'), 32);

const sealLabelOf = (invite: InviteSecret, prev: string) => `invite ${invite.room} after ${prev}`;

/**
 * Seals the room secret for whoever holds the link, bound to `prev`: the hash of the roster entry before the invitation's own.
 * So who opens it knows that the roster up to there is the one that the inviter saw, and not one that the server made up.
 */
export const sealForInvite = async (
  invite: InviteSecret,
  roomSecret: Uint8Array,
  prev: string,
): Promise<string> => toBase64(await sealWith(sealKey(invite), roomSecret, sealLabelOf(invite, prev)));

/**
 * The room secret that `sealForInvite` sealed.
 *
 * @throws SealError when it was altered, meant for another invite, or made after another roster entry than `prev`
 */
export const openFromInvite = (invite: InviteSecret, sealed: string, prev: string): Promise<Uint8Array> =>
  openWith(sealKey(invite), fromBase64(sealed), sealLabelOf(invite, prev));

/** Adds the invite key's signature to a `joined` entry. */
export const signByInvite = (entry: SignedEntry, invite: InviteSecret): SignedEntry => ({
  ...entry,
  inviteSignature: toBase64(ed25519.sign(rosterSigned(fromBase64(entry.body)), invite.seed)),
});

/** Proof for the server that `userId` holds the link, so that it may read the roster before joining. */
export const proveInvite = (invite: InviteSecret, userId: string): string =>
  toBase64(ed25519.sign(inviteLookSigned(invite.room, userId), invite.seed));

/** Whether the invite key (base64url) signed `message`; strict RFC 8032 verification. */
export function verifyInvite(inviteKey: string, message: Uint8Array, signature: string): boolean {
  try {
    return ed25519.verify(fromBase64(signature), message, fromBase64(inviteKey), { zip215: false });
  } catch {
    return false;
  }
}
