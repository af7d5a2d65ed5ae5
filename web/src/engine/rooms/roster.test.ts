import { describe, expect, it } from 'vitest';
import {
  createInvite,
  type InviteSecret,
  inviteKeyOf,
  RosterError,
  signByInvite,
  signEntry,
} from '../../../../crypto/room/index.ts';
import { generateKeyPair, type KeyPair } from '../../../../crypto/signal/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import { entryHash, type RosterEntry, type SignedEntry } from '../../../../protocol/roster.ts';
import type { Message } from '../../../../protocol/socket.ts';
import { isFromBeyond, noteDepartures } from './departures.ts';
import { RosterLog } from './roster.ts';

const room = '0190d8a0-0000-7000-8000-000000000001';
const ana = '0190d8a0-0000-7000-8000-00000000000a';
const ben = '0190d8a0-0000-7000-8000-00000000000b';
const invite = createInvite(room);

type Body = RosterEntry extends infer E
  ? E extends RosterEntry
    ? Omit<E, 'v' | 'room' | 'seq' | 'prev' | 'at'>
    : never
  : never;

/** A log of these entries, each signed by its author's key. */
async function logOf(
  ...bodies: readonly (readonly [Body, KeyPair, InviteSecret?])[]
): Promise<SignedEntry[]> {
  const entries: SignedEntry[] = [];
  for (const [body, { privateKey }, by] of bodies) {
    const last = entries.at(-1);
    const link = { v: 1, room, seq: entries.length, prev: last ? await entryHash(last) : null, at: 1000 };
    const entry = signEntry({ ...link, ...body } as RosterEntry, privateKey);
    entries.push(by ? signByInvite(entry, by) : entry);
  }
  return entries;
}
const key = (pair: KeyPair) => toBase64(pair.publicKey);
const created = (pair: KeyPair): Body => ({ kind: 'created', by: ana, identityKey: key(pair), profile: '' });
const inviteKey = inviteKeyOf(invite);
const sealed = toBase64(new Uint8Array(60));
const invited: Body = { kind: 'invite', by: ana, inviteKey, role: 'member', expires: 5000, uses: 5, sealed };
const joined = (pair: KeyPair): Body => ({
  kind: 'joined',
  by: ben,
  identityKey: key(pair),
  inviteKey,
  profile: '',
});
const left: Body = { kind: 'left', by: ben };

const [anas, bens, others] = [generateKeyPair(), generateKeyPair(), generateKeyPair()];
const comeAndGone = () =>
  logOf([created(anas), anas], [invited, anas], [joined(bens), bens, invite], [left, bens]);

describe('who was a member when', () => {
  it('is told by the entry that a message names', async () => {
    const entries = await comeAndGone();
    const log = new RosterLog(room);
    await log.add(entries.slice(0, 3));
    const heads = await Promise.all(entries.map(entryHash));
    expect(heads.map((head) => log.wasMember(ben, head))).toEqual([false, false, true, undefined]);
    await log.add(entries);
    expect(heads.map((head) => log.wasMember(ben, head))).toEqual([false, false, true, false]);
    expect(heads.map((head) => log.wasMember(ana, head))).toEqual([true, true, true, true]);
    expect([...log.departed]).toEqual([[ben, 3]]);
  });

  it('counts somebody who came back as a member again', async () => {
    const entries = await logOf(
      ...[[created(anas), anas] as const, [invited, anas] as const, [joined(bens), bens, invite] as const],
      ...[[left, bens] as const, [joined(bens), bens, invite] as const],
    );
    const log = new RosterLog(room);
    await log.add(entries);
    const heads = await Promise.all(entries.map(entryHash));
    expect(heads.map((head) => log.wasMember(ben, head))).toEqual([false, false, true, false, true]);
    expect([...log.departed]).toEqual([]);
  });
});

describe('what is said after a departure', () => {
  const said = (sender: string, seq: number) =>
    ({ id: '', device: 1, box: '', sender, seq, at: 0 }) satisfies Message;

  it('is refused from the place on at which this device heard of it, and before it is not', async () => {
    const log = new RosterLog(room);
    await log.add(await comeAndGone());
    // Heard of with an entry from before the departure: nothing follows from that.
    expect(noteDepartures(log, {}, 2, 10)).toEqual({});
    const known = noteDepartures(log, {}, 3, 10);
    expect([9, 10, 11].map((seq) => isFromBeyond(log, known, said(ben, seq)))).toEqual([false, false, true]);
    expect(isFromBeyond(log, known, said(ana, 11))).toBe(false);
  });

  it('becomes stricter, never laxer', async () => {
    const log = new RosterLog(room);
    await log.add(await comeAndGone());
    const lax = noteDepartures(log, {}, 3, 1_000_000);
    const strict = noteDepartures(log, lax, 3, 12);
    expect(isFromBeyond(log, strict, said(ben, 13))).toBe(true);
    expect(noteDepartures(log, strict, 3, 500)).toBe(strict);
  });

  it('does not outlive a return', async () => {
    const entries = await comeAndGone();
    const log = new RosterLog(room);
    await log.add(entries);
    const known = noteDepartures(log, {}, 3, 10);
    const back = signByInvite(
      signEntry(
        {
          ...{ v: 1, room, seq: 4, prev: await entryHash(entries[3]!), at: 2000, by: ben, kind: 'joined' },
          ...{ identityKey: key(bens), inviteKey, profile: '' },
        },
        bens.privateKey,
      ),
      invite,
    );
    await log.add([back]);
    expect(isFromBeyond(log, known, said(ben, 11))).toBe(false);
  });
});

describe('a roster that comes by several ways at once', () => {
  it('counts each entry, and each departure, once', async () => {
    const entries = await comeAndGone();
    const log = new RosterLog(room);
    await Promise.all([
      log.add(entries.slice(0, 3)),
      log.take(entries),
      log.add(entries),
      log.add(entries.slice(3)),
    ]);
    expect(log.entries).toEqual(entries);
    expect(log.history).toHaveLength(4);
    expect(log.departures).toBe(1);
  });

  it('grows while an answer is on its way: that is no lie of the service', async () => {
    const entries = await comeAndGone();
    const log = new RosterLog(room);
    await log.add(entries.slice(0, 2));
    const asked = log.entries.length;
    await log.add(entries.slice(2));
    expect(await log.take(entries.slice(0, 3), asked)).toBe(false);
    expect(log.entries).toEqual(entries);
    // But what it knew when it was asked must be in the answer, unchanged.
    await expect(log.take(entries.slice(0, 1), asked)).rejects.toMatchObject({ reason: 'rolled-back' });
    const rewritten = await logOf([created(others), others], [invited, others], [left, bens]);
    await expect(log.take(rewritten, asked)).rejects.toMatchObject({ reason: 'forked' });
  });

  it('goes on after entries that do not follow', async () => {
    const entries = await comeAndGone();
    const log = new RosterLog(room);
    await log.add(entries.slice(0, 2));
    const outcomes = await Promise.allSettled([log.add(entries.slice(3)), log.add(entries.slice(2))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(log.entries).toEqual(entries);
  });
});

describe('a service that tells another story', () => {
  it('is found out when it drops or rewrites what was seen', async () => {
    const entries = await comeAndGone();
    const log = new RosterLog(room);
    await log.take(entries);
    await expect(log.take(entries.slice(0, 3))).rejects.toMatchObject({ reason: 'rolled-back' });
    const rewritten = await logOf([created(others), others], [invited, others], [left, bens], [left, bens]);
    await expect(log.take(rewritten)).rejects.toThrow(RosterError);
    expect(log.entries).toEqual(entries);
  });

  it('who comes back with other keys is known by those they first came with', async () => {
    const same = await logOf(
      [created(anas), anas],
      [invited, anas],
      [joined(bens), bens, invite],
      [left, bens],
      [joined(bens), bens, invite],
    );
    const other = await logOf(
      [created(anas), anas],
      [invited, anas],
      [joined(bens), bens, invite],
      [left, bens],
      [joined(others), others, invite],
    );
    const identities = async (entries: readonly SignedEntry[]) => {
      const log = new RosterLog(room);
      await log.take(entries);
      return [log.firstIdentity(ben), log.identityKey(ben)];
    };
    const bensKey = toBase64(bens.publicKey);
    expect(await identities(same)).toEqual([bensKey, bensKey]);
    expect(await identities(other)).toEqual([bensKey, toBase64(others.publicKey)]);
  });

  it('an invitation by somebody who may not invite opens nothing', async () => {
    const entries = await logOf([created(anas), anas], [invited, others]);
    const log = new RosterLog(room);
    await log.take(entries);
    expect(log.invite(inviteKey)).toBeUndefined();
  });
});
