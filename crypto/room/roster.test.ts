import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import { entryHash, RosterEntry, readEntry, type SignedEntry } from '../../protocol/roster.ts';
import { inviteLookSigned } from '../../protocol/roster-rules.ts';
import { openWith, SealError } from '../account/index.ts';
import { generateKeyPair, type KeyPair } from '../signal/index.ts';
import { hkdf } from '../signal/testing/reference.ts';
import {
  createInvite,
  type InviteSecret,
  inviteKeyOf,
  openFromInvite,
  proveInvite,
  readFragment,
  sealForInvite,
  signByInvite,
  verifyInvite,
  writeFragment,
} from './invite.ts';
import { RosterError, replay, signEntry } from './roster.ts';
import { createRoomSecret, openLabel, openPassing, sealLabel, sealPassing } from './secret.ts';

const room = '0190d8a0-0000-7000-8000-000000000001';
interface Person {
  readonly id: string;
  readonly keys: KeyPair;
}
const person = (n: number): Person => ({
  id: `0190d8a0-0000-7000-8000-00000000000${n}`,
  keys: generateKeyPair(),
});
const [ana, ben, mallory] = [person(1), person(2), person(3)];

type Body = RosterEntry extends infer E
  ? E extends RosterEntry
    ? Omit<E, 'v' | 'room' | 'seq' | 'prev' | 'at' | 'by'>
    : never
  : never;

/** A log being written, by whoever holds the pen. */
const unsigned = (entry: SignedEntry): SignedEntry => ({ ...entry, signature: toBase64(new Uint8Array(64)) });

class Pen {
  readonly entries: SignedEntry[] = [];
  async write(
    by: Person,
    body: Body,
    { as = by, invite }: { as?: Person; invite?: InviteSecret } = {},
  ): Promise<this> {
    const last = this.entries.at(-1);
    const link = {
      v: 1,
      room,
      seq: this.entries.length,
      prev: last ? await entryHash(last) : null,
      at: 1000,
      by: by.id,
    };
    const signed = signEntry({ ...link, ...body } as RosterEntry, as.keys.privateKey);
    this.entries.push(invite ? signByInvite(signed, invite) : signed);
    return this;
  }
}
const created = (by: Person): Body => ({
  kind: 'created',
  identityKey: toBase64(by.keys.publicKey),
  profile: '',
});
const invited = (invite: InviteSecret): Body => ({
  kind: 'invite',
  inviteKey: inviteKeyOf(invite),
  role: 'member',
  expires: 5000,
  uses: 5,
  sealed: toBase64(new Uint8Array(60)),
});
const joined = (who: Person, invite: InviteSecret): Body => ({
  kind: 'joined',
  identityKey: toBase64(who.keys.publicKey),
  inviteKey: inviteKeyOf(invite),
  profile: '',
});

async function anaAndBen() {
  const invite = createInvite(room);
  const pen = await new Pen().write(ana, created(ana));
  await pen.write(ana, invited(invite));
  await pen.write(ben, joined(ben, invite), { invite });
  return { pen, invite };
}
const broken = (reason: string) => ({ name: 'RosterError', reason });
const names = async (pen: Pen) => {
  const { roster, refused } = await replay(room, pen.entries, RosterEntry);
  return {
    members: [...roster.members.keys()],
    refused: refused.map(({ kind, reason }) => `${kind}: ${reason}`),
  };
};

describe('a roster', () => {
  it('names whom its members let in', async () => {
    const { pen } = await anaAndBen();
    expect(await names(pen)).toEqual({ members: [ana.id, ben.id], refused: [] });
  });

  it('has the hash of each entry, of a refused one too, and tells what was refused', async () => {
    const { pen } = await anaAndBen();
    await pen.write(ben, { kind: 'removed', user: ana.id });
    await pen.write(mallory, { kind: 'left' }, { as: ben });
    await pen.write(ana, { kind: 'role', user: ben.id, role: 'admin' });
    const refused = [
      { seq: 3, kind: 'removed', by: ben.id, reason: 'not-allowed' },
      { seq: 4, kind: 'left', by: mallory.id, reason: 'not-a-member' },
    ];
    const heads = await Promise.all(pen.entries.map(entryHash));
    const all = await replay(room, pen.entries, RosterEntry);
    expect(all).toMatchObject({ heads, refused, roster: { room, seq: 5, head: heads.at(-1) } });
    const before = await replay(room, pen.entries.slice(0, 4), RosterEntry);
    const kept = structuredClone(before);
    expect(await replay(room, pen.entries.slice(4), RosterEntry, before)).toEqual(all);
    expect(before).toEqual(kept);
    // A refused entry has its place all the same: what does not follow it forks.
    expect(before.roster).toMatchObject({ seq: 3, head: heads[3] });
  });

  it('of nothing is none', async () => {
    await expect(replay(room, [], RosterEntry)).rejects.toMatchObject(broken('malformed'));
    const { roster, refused, heads } = await replay(room, (await anaAndBen()).pen.entries, RosterEntry);
    expect(await replay(room, [], RosterEntry, { roster, refused, heads })).toEqual({
      ...{ roster, refused, heads },
    });
  });

  it('replayed piece by piece is the same as all at once', async () => {
    const { pen } = await anaAndBen();
    const first = await replay(room, pen.entries.slice(0, 2), RosterEntry);
    expect(await replay(room, pen.entries.slice(2), RosterEntry, first)).toEqual(
      await replay(room, pen.entries, RosterEntry),
    );
  });
});

describe('a server that lies', () => {
  it('cannot add a ghost: not by an invented invitation, not by a real one that it has only seen', async () => {
    const { pen, invite } = await anaAndBen();
    const invented = createInvite(room);
    await pen.write(mallory, joined(mallory, invented), { invite: invented });
    await pen.write(mallory, joined(mallory, invite));
    await pen.write(mallory, joined(mallory, invite), { invite: invented });
    expect(await names(pen)).toEqual({
      members: [ana.id, ben.id],
      refused: ['joined: unknown-invite', 'joined: bad-signature', 'joined: bad-signature'],
    });
  });

  it('cannot speak for a member', async () => {
    const { pen } = await anaAndBen();
    await pen.write(ana, { kind: 'removed', user: ben.id }, { as: mallory });
    expect(await names(pen)).toEqual({ members: [ana.id, ben.id], refused: ['removed: bad-signature'] });
  });

  it('cannot swap the key of who joins', async () => {
    const invite = createInvite(room);
    const pen = await new Pen().write(ana, created(ana));
    await pen.write(ana, invited(invite));
    await pen.write(ben, joined(mallory, invite), { invite });
    expect((await names(pen)).members).toEqual([ana.id]);
  });

  it.each([
    ['drops an entry', 'out-of-order', (entries: SignedEntry[]) => [entries[0]!, entries[2]!]],
    ['reorders entries', 'out-of-order', (entries: SignedEntry[]) => [entries[0]!, entries[2]!, entries[1]!]],
    ['repeats an entry', 'out-of-order', (entries: SignedEntry[]) => [...entries, entries[2]!]],
    ['begins in the middle', 'out-of-order', (entries: SignedEntry[]) => entries.slice(1)],
    ['alters what it cannot read', 'malformed', ([first]: SignedEntry[]) => [{ ...first!, body: 'e30' }]],
    ['begins with nobody’s signature', 'bad-signature', ([first]: SignedEntry[]) => [unsigned(first!)]],
  ])('is found out when it %s: %s', async (_, reason, tamper) => {
    const { pen } = await anaAndBen();
    await expect(replay(room, tamper(pen.entries), RosterEntry)).rejects.toMatchObject(broken(reason));
    await expect(replay(room, tamper(pen.entries), RosterEntry)).rejects.toThrow(RosterError);
  });

  it('is found out when it shows two people two rosters', async () => {
    const { pen } = await anaAndBen();
    const other = new Pen();
    other.entries.push(...pen.entries);
    await pen.write(ana, { kind: 'removed', user: ben.id });
    await other.write(ben, { kind: 'left' });
    await other.write(ana, { kind: 'left' });
    const seen = await replay(room, pen.entries, RosterEntry);
    await expect(replay(room, other.entries.slice(4), RosterEntry, seen)).rejects.toMatchObject(
      broken('forked'),
    );
  });

  it('cannot let in by an invitation whoever did not sign for themselves', async () => {
    const invite = createInvite(room);
    const pen = await new Pen().write(ana, created(ana));
    await pen.write(ana, invited(invite));
    // Who holds the link signs in Ben's name.
    await pen.write(ben, joined(ben, invite), { as: mallory, invite });
    const entry = pen.entries[2]!;
    expect(await names(pen)).toEqual({ members: [ana.id], refused: ['joined: bad-signature'] });
    for (const inviteSignature of ['', entry.signature, toBase64(new Uint8Array(64)), '*'])
      await expect(
        names(
          Object.assign(new Pen(), { entries: [...pen.entries.slice(0, 2), { ...entry, inviteSignature }] }),
        ),
      ).resolves.toMatchObject({ members: [ana.id] });
  });

  it('cannot pass off the roster of another room', async () => {
    const { pen } = await anaAndBen();
    await expect(
      replay('0190d8a0-0000-7000-8000-00000000ffff', pen.entries, RosterEntry),
    ).rejects.toMatchObject({
      reason: 'wrong-room',
    });
  });
});

describe('an invite link', () => {
  it('carries the room and its secret in the fragment, and nothing else opens what it seals', async () => {
    const invite = createInvite(room);
    const secret = createRoomSecret();
    const sealed = await sealForInvite(invite, secret, 'head');
    const read = readFragment(`https://chat.example/invite#${writeFragment(invite)}`)!;
    expect(await openFromInvite(read, sealed, 'head')).toEqual(secret);
    await expect(openFromInvite(createInvite(room), sealed, 'head')).rejects.toThrow();
  });

  it('leads to the roster that the inviter saw: the server cannot put its own before it', async () => {
    const invite = createInvite(room);
    const sealed = await sealForInvite(invite, createRoomSecret(), 'head of the real roster');
    await expect(openFromInvite(invite, sealed, 'head of a made-up roster')).rejects.toThrow();
  });

  it('seals under a key of the secret and this purpose, and binds room and place', async () => {
    const invite = createInvite(room);
    const secret = createRoomSecret();
    const key = hkdf(invite.seed, new Uint8Array(0), 'Stream Chat invite seal v1', 32);
    const sealed = await sealForInvite(invite, secret, 'head');
    expect(await openWith(key, fromBase64(sealed), `invite ${room} after head`)).toEqual(secret);
    expect(secret).toHaveLength(32);
    const elsewhere = { ...invite, room: '0190d8a0-0000-7000-8000-00000000ffff' };
    await expect(openFromInvite(elsewhere, sealed, 'head')).rejects.toThrow(SealError);
  });

  it('proves to the server who looks, for its room and one person', () => {
    const invite = createInvite(room);
    const proof = proveInvite(invite, ben.id);
    const holds = (of: string, who: string, by = invite) =>
      verifyInvite(inviteKeyOf(by), inviteLookSigned(of, who), proof);
    expect(holds(room, ben.id)).toBe(true);
    expect(holds(room, ana.id)).toBe(false);
    expect(holds(mallory.id, ben.id)).toBe(false);
    expect(holds(room, ben.id, createInvite(room))).toBe(false);
    // A neutral key verifies anything by the looser rules.
    const neutral = toBase64(new Uint8Array(32).with(0, 1));
    const forged = toBase64(new Uint8Array(64).with(0, 1));
    expect(verifyInvite(neutral, utf8('anything'), forged)).toBe(false);
    for (const [key, signature] of [
      ['*', proof],
      [inviteKeyOf(invite), '*'],
    ] as const)
      expect(verifyInvite(key, inviteLookSigned(room, ben.id), signature)).toBe(false);
  });

  it('is read whole or as its fragment, with blanks around it', () => {
    const invite = createInvite(room);
    const fragment = writeFragment(invite);
    expect(fragment).toBe(`${room}.${toBase64(invite.seed)}`);
    for (const link of [fragment, `#${fragment}`, ` https://chat.example/#${fragment}\n`])
      expect(readFragment(link)).toEqual(invite);
  });

  it.each([
    `${room}.${'A'.repeat(42)}`,
    `${room}.${'A'.repeat(44)}`,
    `${room}.${'A'.repeat(42)}*`,
    `.${'A'.repeat(43)}`,
    room,
    '',
    'https://chat.example/invite',
    `${room}.short`,
    `${room}.${'A'.repeat(43)}.more`,
    `not-a-room.${'A'.repeat(43)}`,
  ])('that is not whole is recognised: %j', (link) => expect(readFragment(link)).toBeUndefined());
});

it('labels open only as what they were sealed', async () => {
  const secret = createRoomSecret();
  const sealed = await sealLabel(secret, 'name', 'Friday film');
  expect(await openLabel(secret, 'name', sealed)).toBe('Friday film');
  await expect(openLabel(secret, 'profile', sealed)).rejects.toThrow();
  await expect(openLabel(createRoomSecret(), 'name', sealed)).rejects.toThrow();
  const key = hkdf(secret, new Uint8Array(0), 'Stream Chat room labels v1', 32);
  expect(await openWith(key, fromBase64(sealed), 'name')).toEqual(utf8('Friday film'));
});

it('what is said for a moment opens with the room secret, in the name of who sealed it, and as nothing else', async () => {
  const secret = createRoomSecret();
  const sealed = await sealPassing(secret, ana.id, utf8('typing'));
  expect(await openPassing(secret, ana.id, sealed)).toEqual(utf8('typing'));
  await expect(openPassing(secret, ben.id, sealed)).rejects.toThrow(SealError);
  await expect(openPassing(createRoomSecret(), ana.id, sealed)).rejects.toThrow(SealError);
  await expect(openLabel(secret, 'name', sealed)).rejects.toThrow(SealError);
});

it('an entry travels as the bytes that were signed', async () => {
  const { pen } = await anaAndBen();
  expect(readEntry(pen.entries[0]!).by).toBe(ana.id);
  expect(fromBase64(pen.entries[0]!.signature)).toHaveLength(64);
});
