import { describe, expect, it } from 'vitest';
import { toBase64 } from './bytes.ts';
import { applyEntry, type Roster, type RosterEntry, RosterEntry as RosterEntrySchema } from './roster.ts';

const room = '0190d8a0-0000-7000-8000-000000000001';
const [ana, ben, carla] = ['a', 'b', 'c'].map((c) => `0190d8a0-0000-7000-8000-00000000000${c}`) as [
  string,
  string,
  string,
];
const key = toBase64(new Uint8Array(33).fill(5));
const inviteKey = toBase64(new Uint8Array(32).fill(7));
const sealed = toBase64(new Uint8Array(60));

type Body = RosterEntry extends infer E
  ? E extends RosterEntry
    ? Omit<E, 'v' | 'room' | 'seq' | 'prev' | 'at'>
    : never
  : never;
const follow = (roster: Roster | undefined, body: Body, at = 1000) => {
  const link = { v: 1, room, seq: (roster?.seq ?? -1) + 1, prev: roster?.head ?? null, at };
  const entry = RosterEntrySchema.parse({ ...link, ...body });
  return applyEntry(roster, entry, toBase64(new Uint8Array(32).fill(entry.seq + 1)));
};
const must = (result: ReturnType<typeof applyEntry>): Roster => {
  if (typeof result === 'string') throw new Error(`refused: ${result}`);
  return result;
};

const created = () => must(follow(undefined, { kind: 'created', by: ana, identityKey: key, profile: '' }));
const invite = {
  kind: 'invite',
  by: ana,
  inviteKey,
  role: 'member',
  expires: 5000,
  uses: 1,
  sealed,
} as const;
const joins = (by: string) => ({ kind: 'joined', by, identityKey: key, inviteKey, profile: '' }) as const;
const withBen = () => must(follow(must(follow(created(), invite)), joins(ben)));

describe('who is in', () => {
  it('the creator owns; an invitation lets one in as often as it says', () => {
    const roster = withBen();
    expect([...roster.members.values()].map(({ userId, role }) => [userId, role])).toEqual([
      [ana, 'owner'],
      [ben, 'member'],
    ]);
    expect(follow(roster, joins(carla))).toBe('invite-used-up');
  });

  it('an invitation ends at its time, and when it is revoked', () => {
    const roster = must(follow(created(), invite));
    expect(follow(roster, joins(ben), 5001)).toBe('invite-expired');
    expect(follow(must(follow(roster, { kind: 'revoked', by: ana, inviteKey })), joins(ben))).toBe(
      'unknown-invite',
    );
  });

  it('a removed member is out, and may do nothing', () => {
    const roster = must(follow(withBen(), { kind: 'removed', by: ana, user: ben }));
    expect(roster.members.has(ben)).toBe(false);
    expect(follow(roster, { kind: 'left', by: ben })).toBe('not-a-member');
  });

  it('a removed member does not come back by an old link, not even under another name', () => {
    const open = must(follow(created(), { ...invite, uses: 9 }));
    const roster = must(follow(must(follow(open, joins(ben))), { kind: 'removed', by: ana, user: ben }));
    for (const who of [ben, carla]) expect(follow(roster, joins(who))).toBe('unknown-invite');
  });
});

describe('who may do what', () => {
  it('members invite nobody, remove nobody and promote nobody', () => {
    const roster = withBen();
    expect(follow(roster, { ...invite, by: ben })).toBe('not-allowed');
    expect(follow(roster, { kind: 'removed', by: ben, user: ana })).toBe('not-allowed');
    expect(follow(roster, { kind: 'role', by: ben, user: ben, role: 'owner' })).toBe('not-allowed');
  });

  it('an admin removes members, but no admin and no owner', () => {
    const roster = must(follow(withBen(), { kind: 'role', by: ana, user: ben, role: 'admin' }));
    expect(follow(roster, { kind: 'removed', by: ben, user: ana })).toBe('not-allowed');
    const two = must(follow(must(follow(roster, { ...invite, by: ben })), joins(carla)));
    expect(must(follow(two, { kind: 'removed', by: ben, user: carla })).members.has(carla)).toBe(false);
  });

  it('an invitation to be an admin makes none once its maker may make none: whoever comes by it is a member', () => {
    const role = (user: string, given: 'admin' | 'member') =>
      ({ kind: 'role', by: ana, user, role: given }) as const;
    const bensInvite = { ...invite, by: ben, role: 'admin', uses: 2 } as const;
    const admin = must(follow(withBen(), role(ben, 'admin')));
    const open = must(follow(admin, bensInvite));
    expect(must(follow(open, joins(carla))).members.get(carla)?.role).toBe('admin');
    const demoted = must(follow(open, role(ben, 'member')));
    expect(must(follow(demoted, joins(carla))).members.get(carla)?.role).toBe('member');
    const gone = must(follow(open, { kind: 'left', by: ben }));
    expect(must(follow(gone, joins(carla))).members.get(carla)?.role).toBe('member');
  });

  it('the last owner cannot strand the room', () => {
    expect(follow(withBen(), { kind: 'left', by: ana })).toBe('last-owner');
    expect(follow(withBen(), { kind: 'role', by: ana, user: ana, role: 'member' })).toBe('last-owner');
  });
});

describe('the chain', () => {
  it('refuses an entry that was made for another place', () => {
    const roster = withBen();
    const entry = {
      v: 1,
      room,
      seq: roster.seq + 1,
      prev: roster.head,
      at: 0,
      by: ben,
      kind: 'left',
    } as const;
    const hash = toBase64(new Uint8Array(32));
    expect(applyEntry(roster, { ...entry, seq: entry.seq + 1 }, hash)).toBe('out-of-order');
    expect(applyEntry(roster, { ...entry, prev: created().head }, hash)).toBe('forked');
    expect(applyEntry(roster, { ...entry, room: ana }, hash)).toBe('wrong-room');
    expect(applyEntry(undefined, entry, hash)).toBe('out-of-order');
  });
});
