import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../protocol/bytes.ts';
import { entryHash, RosterEntry, readEntry, type SignedEntry } from '../../protocol/roster.ts';
import { generateKeyPair, type KeyPair } from '../signal/index.ts';
import {
  createInvite,
  type InviteSecret,
  inviteKeyOf,
  openFromInvite,
  readFragment,
  sealForInvite,
  signByInvite,
  writeFragment,
} from './invite.ts';
import { RosterError, replay, signEntry } from './roster.ts';
import { createRoomSecret, openLabel, sealLabel } from './secret.ts';

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
    ['drops an entry', (entries: SignedEntry[]) => [entries[0]!, entries[2]!]],
    ['reorders entries', (entries: SignedEntry[]) => [entries[0]!, entries[2]!, entries[1]!]],
    ['repeats an entry', (entries: SignedEntry[]) => [...entries, entries[2]!]],
    ['begins in the middle', (entries: SignedEntry[]) => entries.slice(1)],
  ])('is found out when it %s', async (_, tamper) => {
    const { pen } = await anaAndBen();
    await expect(replay(room, tamper(pen.entries), RosterEntry)).rejects.toThrow(RosterError);
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

  it.each([
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
});

it('an entry travels as the bytes that were signed', async () => {
  const { pen } = await anaAndBen();
  expect(readEntry(pen.entries[0]!).by).toBe(ana.id);
  expect(fromBase64(pen.entries[0]!.signature)).toHaveLength(64);
});
