// Roster entries that a service, or somebody who conspires with it, makes up.
import {
  createInvite,
  type InviteSecret,
  inviteKeyOf,
  signByInvite,
  signEntry,
} from '../crypto/room/index.ts';
import type { KeyPair } from '../crypto/signal/index.ts';
import { toBase64 } from '../protocol/bytes.ts';
import { entryHash, type RosterEntry, type SignedEntry } from '../protocol/roster.ts';

/** What an entry says, but for where it stands. */
export type Body = RosterEntry extends infer E
  ? E extends RosterEntry
    ? Omit<E, 'v' | 'room' | 'seq' | 'prev' | 'at' | 'by'>
    : never
  : never;

/** An entry in the name of the account `by`, signed with `keys`, that follows `roster`. */
export async function entryAfter(
  room: string,
  roster: readonly SignedEntry[],
  by: string,
  keys: KeyPair,
  body: Body,
): Promise<SignedEntry> {
  const last = roster.at(-1);
  const prev = last ? await entryHash(last) : null;
  const link = { v: 1, room, seq: roster.length, prev, by, at: Date.now() } as const;
  return signEntry({ ...link, ...body } as RosterEntry, keys.privateKey);
}

/** Somebody comes in as `by`, with `keys`, by an invitation: a real one, where its maker gives the secret away. */
export async function joinAfter(
  room: string,
  roster: readonly SignedEntry[],
  by: string,
  keys: KeyPair,
  invite: InviteSecret = createInvite(room),
): Promise<SignedEntry> {
  const body = { kind: 'joined', inviteKey: inviteKeyOf(invite), profile: '' } as const;
  const identityKey = toBase64(keys.publicKey);
  return signByInvite(await entryAfter(room, roster, by, keys, { ...body, identityKey }), invite);
}
