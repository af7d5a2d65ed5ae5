import type { ProblemType } from '../protocol/problem.ts';
import {
  applyEntry,
  entryHash,
  type Role,
  type Roster,
  type RosterEntry,
  type RosterInvite,
  type RosterMember,
  type RosterRefusal,
  readEntry,
  type SignedEntry,
} from '../protocol/roster.ts';
import { no, ok } from './result.ts';
import type { Result, RosterMemberView } from './rpc.ts';

/** An entry as it came, as it reads, and its hash. */
export interface ReadEntry {
  readonly signed: SignedEntry;
  readonly entry: RosterEntry;
  readonly hash: string;
}

/** Reads an entry that `by` hands in, who must be its author. */
export async function readSigned(by: string, signed: SignedEntry): Promise<Result<ReadEntry>> {
  let entry: RosterEntry;
  try {
    entry = readEntry(signed);
  } catch {
    return no('invalid-body', 'The entry does not fit its schema.');
  }
  if (entry.by !== by) return no('forbidden', 'The entry is in the name of somebody else.');
  return ok({ signed, entry, hash: await entryHash(signed) });
}

/** What Postgres has of a member. */
export interface MemberRow extends RosterMemberView {
  readonly sealedKey: string;
}

type EntryRow = { seq: number; body: string; signature: string; invite_signature: string | null };

const refusals: Record<RosterRefusal, readonly [ProblemType, string]> = {
  'wrong-room': ['bad-request', 'The entry belongs to another room.'],
  'out-of-order': ['roster-conflict', 'The entry does not have the next number.'],
  forked: ['roster-conflict', 'The entry does not follow the newest one.'],
  // Of the target: the author is known to be a member by then.
  'not-a-member': ['forbidden', 'That person is not a member of this room.'],
  'not-allowed': ['forbidden', 'Your role in this room does not allow this.'],
  'already-a-member': ['conflict', 'You are a member of this room already.'],
  'unknown-invite': ['invite-invalid', 'There is no such invitation.'],
  'invite-expired': ['invite-invalid', 'The invitation has expired.'],
  'invite-used-up': ['invite-invalid', 'The invitation is used up.'],
  'last-owner': ['forbidden', 'A room keeps at least one owner: make somebody else owner first.'],
  'bad-signature': ['invite-invalid', 'The signature is not that of the invitation.'],
};

const refuse = (refusal: RosterRefusal) => no(...refusals[refusal]);

/** The room's signed entries and what they add up to; the server's own copy of what its members replay. */
export class RosterLog {
  readonly #storage: DurableObjectStorage;
  #state: Roster | undefined;
  /** Members whose accounts are no more. */
  readonly #forgotten: Set<string>;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#state = this.#load();
    const rows = storage.sql.exec<{ user_id: string }>(`select user_id from member where sealed_key = ''`);
    this.#forgotten = new Set([...rows].map(({ user_id }) => user_id));
  }

  #load(): Roster | undefined {
    const { sql } = this.#storage;
    type Last = { seq: number; hash: string; id: string };
    const last = sql
      .exec<Last>('select seq, hash, room.id from roster, room order by seq desc limit 1')
      .toArray()[0];
    if (!last) return undefined;
    type Member = { user_id: string; identity_key: string; role: Role; profile: string; joined_at: number };
    const members = new Map<string, RosterMember>();
    for (const row of sql.exec<Member>(
      'select user_id, identity_key, role, profile, joined_at from member',
    )) {
      members.set(row.user_id, {
        userId: row.user_id,
        identityKey: row.identity_key,
        role: row.role,
        profile: row.profile,
        joinedAt: row.joined_at,
      });
    }
    type Invite = {
      invite_key: string;
      role: RosterInvite['role'];
      expires: number;
      uses_left: number;
      author: string;
      sealed: string;
    };
    const invites = new Map<string, RosterInvite>();
    for (const row of sql.exec<Invite>('select * from invite')) {
      invites.set(row.invite_key, {
        inviteKey: row.invite_key,
        role: row.role,
        expires: row.expires,
        usesLeft: row.uses_left,
        by: row.author,
        sealed: row.sealed,
      });
    }
    return { room: last.id, seq: last.seq, head: last.hash, members, invites };
  }

  /** Number of the last entry; -1 before the first. */
  get seq(): number {
    return this.#state?.seq ?? -1;
  }

  /** Hash of the last entry. */
  get head(): string {
    return this.#state?.head ?? '';
  }

  /** The person's role; undefined for who is no member. */
  role(userId: string): Role | undefined {
    return this.#state?.members.get(userId)?.role;
  }

  /** Whether the roster names the person, and there still is an account of theirs. */
  admits(userId: string): boolean {
    return this.role(userId) !== undefined && !this.#forgotten.has(userId);
  }

  /** The person's account is no more: drops what was kept for it. Answers how many members are left that have one. */
  forget(userId: string): number {
    this.#storage.sql.exec(`update member set sealed_key = '' where user_id = ?`, userId);
    this.#forgotten.add(userId);
    return this.memberCount - this.#forgotten.size;
  }

  get memberCount(): number {
    return this.#state?.members.size ?? 0;
  }

  /** Whether the invitation is open at `now`: known, not expired, not used up. */
  isOpen(inviteKey: string, now: number): boolean {
    const invite = this.#state?.invites.get(inviteKey);
    return invite !== undefined && now <= invite.expires && invite.usesLeft > 0;
  }

  /** Whether the log has the entry with this number and hash. */
  has(seq: number, hash: string): boolean {
    const query = 'select 1 from roster where seq = ? and hash = ?';
    return this.#storage.sql.exec(query, seq, hash).toArray().length > 0;
  }

  /**
   * Adds an entry that follows, or says why it doesn't; `added` is false for one that was here already. The signature
   * of the invite key has been checked by the caller; those of identity keys are for the members to check.
   */
  append(read: ReadEntry, sealedKey: string | undefined, now: number): Result<{ added: boolean }> {
    const { entry, hash } = read;
    // Its name stands in the roster still, and its last access token lives for some minutes.
    if (this.#forgotten.has(entry.by)) return no(entry.kind === 'joined' ? 'invite-invalid' : 'not-a-member');
    if (this.has(entry.seq, hash)) return ok({ added: false });
    if (entry.kind === 'joined') {
      // Before anything that only a member or an invited person may learn about the room.
      if (this.role(entry.by)) return refuse('already-a-member');
      if (!this.isOpen(entry.inviteKey, now)) return no('invite-invalid');
    } else if (entry.kind !== 'created' && !this.role(entry.by)) {
      return no('not-a-member');
    }
    const next = applyEntry(this.#state, entry, hash);
    if (typeof next === 'string') return refuse(next);
    this.#storage.transactionSync(() => this.#store(next, read, sealedKey ?? '', now));
    this.#state = next;
    return ok({ added: true });
  }

  #store(next: Roster, { signed, entry, hash }: ReadEntry, sealedKey: string, now: number): void {
    const { sql } = this.#storage;
    const { body, signature, inviteSignature } = signed;
    sql.exec(
      'insert into roster values (?, ?, ?, ?, ?)',
      entry.seq,
      hash,
      body,
      signature,
      inviteSignature ?? null,
    );
    // Unchanged members and invites are the same objects in both states.
    const before = this.#state;
    for (const member of next.members.values()) {
      if (before?.members.get(member.userId) === member) continue;
      const { userId, identityKey, role, profile, joinedAt } = member;
      sql.exec(
        'insert into member values (?, ?, ?, ?, ?, ?, ?) on conflict do update set role = excluded.role',
        userId,
        identityKey,
        role,
        profile,
        joinedAt,
        now,
        sealedKey,
      );
    }
    for (const userId of before?.members.keys() ?? []) {
      if (next.members.has(userId)) continue;
      sql.exec('delete from member where user_id = ?', userId);
      this.#forgotten.delete(userId);
    }
    for (const invite of next.invites.values()) {
      if (before?.invites.get(invite.inviteKey) === invite) continue;
      const { inviteKey, role, expires, usesLeft, by, sealed } = invite;
      sql.exec(
        'insert or replace into invite values (?, ?, ?, ?, ?, ?)',
        inviteKey,
        role,
        expires,
        usesLeft,
        by,
        sealed,
      );
    }
    for (const inviteKey of before?.invites.keys() ?? []) {
      if (!next.invites.has(inviteKey)) sql.exec('delete from invite where invite_key = ?', inviteKey);
    }
  }

  /** The entries after number `seq`, as they were signed. */
  entries(seq = -1, limit = -1): SignedEntry[] {
    const query =
      'select seq, body, signature, invite_signature from roster where seq > ? order by seq limit ?';
    return this.#storage.sql
      .exec<EntryRow>(query, seq, limit)
      .toArray()
      .map(({ body, signature, invite_signature: inviteSignature }) => ({
        body,
        signature,
        ...(inviteSignature === null ? {} : { inviteSignature }),
      }));
  }

  /** The members, longest first. `joinedAt` is by the server's clock. */
  members(): MemberRow[] {
    type Row = { user_id: string; role: Role; since: number; sealed_key: string };
    return this.#storage.sql
      .exec<Row>('select user_id, role, since, sealed_key from member order by since, user_id')
      .toArray()
      .map((row) => ({
        userId: row.user_id,
        role: row.role,
        joinedAt: row.since,
        sealedKey: row.sealed_key,
      }));
  }

  /** One member. */
  member(userId: string): MemberRow | undefined {
    type Row = { role: Role; since: number; sealed_key: string };
    const query = 'select role, since, sealed_key from member where user_id = ?';
    const row = this.#storage.sql.exec<Row>(query, userId).toArray()[0];
    return row && { userId, role: row.role, joinedAt: row.since, sealedKey: row.sealed_key };
  }

  /** The owner who has been here longest. */
  get ownerId(): string {
    const query = `select user_id from member where role = 'owner' order by since, user_id limit 1`;
    return this.#storage.sql.exec<{ user_id: string }>(query).one().user_id;
  }
}
