// What follows from a roster's entries, and what is signed and hashed of them: pure, and without the schemas.
import { concat, fromBase64, sha256, toBase64, utf8 } from './bytes.ts';
import type { Role, RosterEntry, SignedEntry } from './roster.ts';

const domain = utf8('Stream Chat roster v1\0');
const inviteLook = utf8('Stream Chat invite look v1\0');

/** The bytes that both signatures of an entry cover. */
export const rosterSigned = (body: Uint8Array): Uint8Array<ArrayBuffer> => concat(domain, body);

/** The bytes that the invite key signs so that `userId`, not yet a member, may read the roster. */
export const inviteLookSigned = (room: string, userId: string): Uint8Array<ArrayBuffer> =>
  concat(inviteLook, utf8(`${room}\0${userId}`));

/** The hash that the next entry names as `prev`: SHA-256 of the signed bytes, base64url. */
export const entryHash = async (entry: SignedEntry): Promise<string> =>
  toBase64(await sha256(rosterSigned(fromBase64(entry.body))));

export interface RosterMember {
  readonly userId: string;
  readonly identityKey: string;
  readonly role: Role;
  readonly profile: string;
  readonly joinedAt: number;
}
export interface RosterInvite {
  readonly inviteKey: string;
  readonly role: 'admin' | 'member';
  readonly expires: number;
  readonly usesLeft: number;
  readonly by: string;
  readonly sealed: string;
}
/** The state that a roster's entries add up to. */
export interface Roster {
  readonly room: string;
  readonly seq: number;
  /** Hash of the last entry. */
  readonly head: string;
  readonly members: ReadonlyMap<string, RosterMember>;
  readonly invites: ReadonlyMap<string, RosterInvite>;
}

/** Why an entry does not follow; shown to people by name. */
export type RosterRefusal =
  | 'wrong-room'
  | 'out-of-order'
  | 'forked'
  | 'not-a-member'
  | 'not-allowed'
  | 'already-a-member'
  | 'unknown-invite'
  | 'invite-expired'
  | 'invite-used-up'
  | 'last-owner'
  | 'bad-signature';

const rank: Record<Role, number> = { owner: 2, admin: 1, member: 0 };

/**
 * The roster after `entry`, or the reason why it does not follow. Pure rules only: who checks signatures says so
 * before calling this. `hash` is `entryHash` of the entry. Expiry is judged by the entry's own time, so that every
 * replay comes out the same; the server also judges it by its clock at the door.
 */
export function applyEntry(
  roster: Roster | undefined,
  entry: RosterEntry,
  hash: string,
): Roster | RosterRefusal {
  if (!roster) {
    if (entry.kind !== 'created' || entry.seq !== 0 || entry.prev !== null) return 'out-of-order';
    const owner = {
      userId: entry.by,
      identityKey: entry.identityKey,
      role: 'owner',
      profile: entry.profile,
      joinedAt: entry.at,
    } as const;
    return {
      room: entry.room,
      seq: 0,
      head: hash,
      members: new Map([[entry.by, owner]]),
      invites: new Map(),
    };
  }
  if (entry.room !== roster.room) return 'wrong-room';
  if (entry.seq !== roster.seq + 1) return 'out-of-order';
  if (entry.prev !== roster.head) return 'forked';
  const members = new Map(roster.members);
  const invites = new Map(roster.invites);
  const author = members.get(entry.by);
  if (entry.kind === 'joined') {
    const invite = invites.get(entry.inviteKey);
    if (author) return 'already-a-member';
    if (!invite) return 'unknown-invite';
    if (entry.at > invite.expires) return 'invite-expired';
    if (invite.usesLeft < 1) return 'invite-used-up';
    invites.set(entry.inviteKey, { ...invite, usesLeft: invite.usesLeft - 1 });
    members.set(entry.by, {
      userId: entry.by,
      identityKey: entry.identityKey,
      role: mayStillGive(invite, members) ? invite.role : 'member',
      profile: entry.profile,
      joinedAt: entry.at,
    });
  } else {
    if (!author) return 'not-a-member';
    const refusal = applyByMember(entry, author, members, invites);
    if (refusal) return refusal;
  }
  return { room: roster.room, seq: entry.seq, head: hash, members, invites };
}

/** Whether the maker of an invitation has the right, at present, to give the role that it promises. */
const mayStillGive = ({ by, role }: RosterInvite, members: ReadonlyMap<string, RosterMember>): boolean =>
  rank[role] <= rank[members.get(by)?.role ?? 'member'];

function applyByMember(
  entry: RosterEntry,
  author: RosterMember,
  members: Map<string, RosterMember>,
  invites: Map<string, RosterInvite>,
): RosterRefusal | undefined {
  const owners = () => [...members.values()].filter((member) => member.role === 'owner').length;
  switch (entry.kind) {
    case 'invite':
      if (author.role === 'member') return 'not-allowed';
      if (rank[entry.role] > rank[author.role]) return 'not-allowed';
      invites.set(entry.inviteKey, {
        inviteKey: entry.inviteKey,
        role: entry.role,
        expires: entry.expires,
        usesLeft: entry.uses,
        by: entry.by,
        sealed: entry.sealed,
      });
      return;
    case 'revoked':
      if (author.role === 'member') return 'not-allowed';
      if (!invites.delete(entry.inviteKey)) return 'unknown-invite';
      return;
    case 'role': {
      const target = members.get(entry.user);
      if (!target) return 'not-a-member';
      if (author.role !== 'owner') return 'not-allowed';
      if (target.role === 'owner' && entry.role !== 'owner' && owners() === 1) return 'last-owner';
      members.set(entry.user, { ...target, role: entry.role });
      return;
    }
    case 'removed': {
      const target = members.get(entry.user);
      if (!target) return 'not-a-member';
      if (rank[author.role] <= rank[target.role]) return 'not-allowed';
      members.delete(entry.user);
      // Whoever was shown the door may still hold a link, and could come back by it under another name.
      invites.clear();
      return;
    }
    case 'left':
      if (author.role === 'owner' && owners() === 1 && members.size > 1) return 'last-owner';
      members.delete(entry.by);
      return;
    default:
      return 'out-of-order';
  }
}
