import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { beforeEach, describe, expect, it } from 'vitest';
import { accountKeys, createAccountSecret } from '../../../../crypto/account/index.ts';
import { packEnvelope } from '../../../../crypto/room/index.ts';
import {
  encrypt,
  generateKyberPreKey,
  generateOneTimePreKeys,
  generateSignedPreKey,
  type PreKeyBundle,
  startSession,
} from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Message } from '../../../../protocol/socket.ts';
import { type Draft, Store, type Table } from '../store/store.ts';
import { distributionOf, ownChain, sealForRoom } from './chains.ts';
import { preKeyKey } from './device.ts';
import { Followed } from './followed.ts';
import { type Opened, openMessage } from './opening.ts';
import { type LocalDevice, Pairwise } from './pairwise.ts';

const room = uuidv7();

interface Person {
  readonly id: string;
  readonly address: string;
  readonly identityKey: string;
  readonly device: LocalDevice;
  readonly store: Store<Table>;
  readonly bundle: PreKeyBundle;
}

/** Somebody with one device, whose prekeys are in its store and in the bundle that others get. */
async function person(id = uuidv7()): Promise<Person> {
  const secret = createAccountSecret();
  const keys = accountKeys(secret);
  const { identity } = keys;
  const store = await Store.open(`crypto-${crypto.randomUUID()}`);
  const signed = generateSignedPreKey(identity, 1);
  const kyber = generateKyberPreKey(identity, 2);
  const draft = store.draft();
  draft.put('prekeys', preKeyKey('signed', 1), {
    kind: 'signed',
    id: 1,
    publicKey: toBase64(signed.keyPair.publicKey),
    privateKey: toBase64(signed.keyPair.privateKey),
  });
  draft.put('prekeys', preKeyKey('kyber', 2), {
    kind: 'kyber-last',
    id: 2,
    publicKey: toBase64(kyber.publicKey),
    privateKey: toBase64(kyber.secretKey),
  });
  await draft.commit();
  const account = {
    id,
    email: 'somebody@example.org',
    name: 'Somebody',
    deviceId: 1,
    registrationId: 7,
    published: true,
    nextPreKeyId: 3,
  };
  return {
    id,
    address: deviceAddress(id, 1),
    identityKey: toBase64(identity.publicKey),
    device: { account, keys },
    store,
    bundle: {
      registrationId: 7,
      deviceId: 1,
      identityKey: identity.publicKey,
      signedPreKey: { id: 1, publicKey: signed.keyPair.publicKey, signature: signed.signature },
      kyberPreKey: { id: 2, publicKey: kyber.publicKey, signature: kyber.signature },
    },
  };
}

let ana: Person;
let ben: Person;
let seq: number;
/** Members as of every roster entry that a message names. */
let members: Set<string>;
beforeEach(async () => {
  [ana, ben] = await Promise.all([person(), person()]);
  seq = 0;
  members = new Set([ana.id, ben.id]);
});

const logged = (sender: Person, rest: Pick<Message, 'box'> & Partial<Message>): Message => ({
  id: uuidv7(),
  device: 1,
  seq: ++seq,
  sender: sender.id,
  at: 1000,
  ...rest,
});

/** What `reader` makes of a message, in a room where everybody is who they are and came at the beginning. */
async function open(reader: Person, message: Message): Promise<Opened> {
  const place = {
    room,
    identityKey: (id: string) => [ana, ben].find((each) => each.id === id)?.identityKey,
    joinedAt: () => 0,
    since: 0,
    wasMember: (id: string) => members.has(id),
  };
  const draft = reader.store.draft();
  const followed = new Followed(draft, room, [message]);
  const opened = await openMessage(new Pairwise(reader.device), followed, place, message);
  followed.keep();
  await draft.commit();
  return opened;
}

async function written<T>(who: Person, write: (draft: Draft) => Promise<T>): Promise<T> {
  const draft = who.store.draft();
  const result = await write(draft);
  await draft.commit();
  return result;
}

/** Ana's chain for Ben, as a message to his device. */
const anasKey = (forRoom = room) =>
  written(ana, async (draft) => {
    const chain = await ownChain(draft, room, 0, new Set([ben.address]));
    draft.put('ownChains', room, chain);
    const distribution = distributionOf(chain);
    const payload = { kind: 'sender-key', v: 1, room: forRoom, distribution, epoch: 0 } as const;
    const pairwise = new Pairwise(ana.device);
    const box = await pairwise.seal(draft, { ...ben, minVersion: 4 }, payload);
    return logged(ana, { box: toBase64(box), recipient: ben.address });
  });

/** Something that Ana says with her own keys, well formed or not; `made` is what its envelope says of the place it was made for. */
const anaSays = (
  content: object,
  made: { room?: string; sender?: string; device?: number; chain?: string } = {},
) =>
  written(ana, async (draft) => {
    const id = uuidv7();
    const envelope = { id, room, sender: ana.id, device: 1, roster: toBase64(new Uint8Array(32)), at: 1 };
    const own = await ownChain(draft, room, 0, new Set([ben.address]));
    const { plaintext, commitment } = packEnvelope({
      ...{ ...envelope, chain: own.distributionId, list: 1, ...made },
      content: content as { kind: string },
    });
    const box = sealForRoom(draft, room, own, plaintext);
    return logged(ana, { id, commitment, box: toBase64(box) });
  });

const content = (opened: Opened) => (opened.kind === 'stored' ? opened.row.content : opened.kind);

describe('a member who sends nonsense under their own keys', () => {
  it.each([
    { kind: 'text', body: 5 },
    { kind: 'text', body: '' },
    { kind: 'text' },
    { kind: 'file', fileId: 'none' },
    { kind: 'unreadable', reason: 'Ben has been arrested.' },
  ])('cannot put %j before the others: it is shown as malformed', async (nonsense) => {
    await open(ben, await anasKey());
    expect(content(await open(ben, await anaSays(nonsense)))).toEqual({
      kind: 'unreadable',
      reason: 'malformed',
    });
  });

  it.each([
    { kind: 'poll', question: 'Tea?' },
    { kind: 'text', body: 'Tea?', spoken: true },
  ])('what a newer version says is kept as it is: %j', async (newer) => {
    await open(ben, await anasKey());
    expect(content(await open(ben, await anaSays(newer)))).toEqual(newer);
  });

  it.each([
    ['no JSON', utf8('hello')],
    ['another kind of payload', utf8('{"kind":"gift","v":2}')],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe)],
  ])('%s inside the pairwise session stops nothing: the session goes on', async (_, bytes) => {
    const started = await startSession({ identity: ana.device.keys.identity, registrationId: 7 }, ben.bundle);
    let { record } = await encrypt(started, bytes);
    for (let i = 0; i < 2; i++) {
      const sealed = await encrypt(record, bytes);
      const message = logged(ana, { box: toBase64(sealed.bytes), recipient: ben.address });
      expect(await open(ben, message)).toEqual({ kind: 'silent', refused: 'unknown-payload' });
      record = sealed.record;
    }
  });
});

describe('what was made for one place and is put into another', () => {
  it.each([
    ['another room', { room: uuidv7() }],
    ['another sender', { sender: uuidv7() }],
    ['another device', { device: 2 }],
  ])('a text for %s, under the very chain that is read here, is told as such', async (_, made) => {
    await open(ben, await anasKey());
    expect(content(await open(ben, await anaSays({ kind: 'text', body: 'hello' }, made)))).toEqual({
      kind: 'unreadable',
      reason: 'mismatch',
    });
  });

  it('a text under the number of another message, too', async () => {
    await open(ben, await anasKey());
    const text = await anaSays({ kind: 'text', body: 'hello' });
    expect(content(await open(ben, { ...text, id: uuidv7() }))).toMatchObject({
      reason: 'mismatch',
    });
  });

  it('a key for another room brings nothing to either', async () => {
    const payload = await anasKey(uuidv7());
    expect(await open(ben, payload)).toEqual({ kind: 'silent', refused: 'wrong-room' });
    expect(await ben.store.list('chains')).toEqual([]);
  });

  it('a key among what is said to the room is no message, and a message among the keys brings none', async () => {
    const key = await anasKey();
    const { recipient: _, ...said } = key;
    expect(content(await open(ben, said))).toMatchObject({ kind: 'unreadable' });
    const text = await anaSays({ kind: 'text', body: 'hello' });
    expect(await open(ben, { ...text, recipient: ben.address })).toMatchObject({
      kind: 'silent',
      refused: expect.any(String),
    });
    for (const table of ['sessions', 'chains'] as const) expect(await ben.store.list(table)).toEqual([]);
    // Both are still good where they belong.
    expect(await open(ben, { ...key, seq: ++seq })).toEqual({ kind: 'silent', learned: true });
    expect(content(await open(ben, { ...text, seq: ++seq }))).toEqual({ kind: 'text', body: 'hello' });
    // Nor do they become one once there is a session.
    expect(await open(ben, { ...text, recipient: ben.address })).toMatchObject({
      kind: 'silent',
      refused: expect.any(String),
    });
    expect(content(await open(ben, said))).toMatchObject({ kind: 'unreadable' });
  });
});

describe('a handshake', () => {
  /** What Ben's device makes of bytes that Ana's is said to have sent. */
  const opens = async (bytes: Uint8Array) => {
    const draft = ben.store.draft();
    const payload = await new Pairwise(ben.device).open(draft, ana.address, ana.identityKey, bytes);
    await draft.commit();
    return payload;
  };

  it('older than our signed list demands makes no session, nor is one begun with who hides the newer key', async () => {
    const { kyberPreKey: _, ...stripped } = ben.bundle;
    const local = { identity: ana.device.keys.identity, registrationId: 7 };
    const { bytes } = await encrypt(await startSession(local, stripped), utf8('talked down'));
    await expect(opens(bytes)).rejects.toMatchObject({ name: 'SignalError', reason: 'downgrade' });
    const message = logged(ana, { box: toBase64(bytes), recipient: ben.address });
    expect(await open(ben, message)).toEqual({ kind: 'silent', refused: 'downgrade' });
    expect(await ben.store.list('sessions')).toEqual([]);
    const payload = { kind: 'sender-key', v: 1, room, distribution: toBase64(bytes), epoch: 0 } as const;
    const begin = (minVersion: 3 | 4) =>
      written(ana, (draft) =>
        new Pairwise(ana.device).seal(draft, { ...ben, bundle: stripped, minVersion }, payload),
      );
    await expect(begin(4)).rejects.toMatchObject({ name: 'SignalError', reason: 'downgrade' });
    expect(await ana.store.list('sessions')).toEqual([]);
    await begin(3);
  });

  it('repeated is refused, also when its session is forgotten: its one-time prekey is gone', async () => {
    const [oneTime] = generateOneTimePreKeys(9, 1);
    const { publicKey, privateKey } = oneTime!.keyPair;
    await written(ben, async (draft) =>
      draft.put('prekeys', preKeyKey('ec', 9), {
        ...{ kind: 'ec', id: 9, publicKey: toBase64(publicKey), privateKey: toBase64(privateKey) },
      }),
    );
    ben = { ...ben, bundle: { ...ben.bundle, oneTimePreKey: { id: 9, publicKey } } };
    const bytes = fromBase64((await anasKey()).box);
    expect(await opens(bytes)).toMatchObject({ kind: 'sender-key', room });
    const after = await ben.store.list('sessions');
    await expect(opens(bytes)).rejects.toMatchObject({ name: 'SignalError', reason: 'duplicate-message' });
    expect(await ben.store.list('sessions')).toEqual(after);
    await written(ben, async (draft) => draft.delete('sessions', ana.address));
    await expect(opens(bytes)).rejects.toMatchObject({ name: 'SignalError', reason: 'unknown-prekey' });
    expect(await ben.store.list('sessions')).toEqual([]);
    // The last-resort key served, and serves on.
    expect((await ben.store.list('prekeys')).map(([key]) => key).sort()).toEqual(
      [preKeyKey('kyber', 2), preKeyKey('signed', 1)].sort(),
    );
  });
});

describe('a message that names another chain than the one that it came by', () => {
  it('is refused', async () => {
    await open(ben, await anasKey());
    const text = { kind: 'text', body: 'hello' };
    expect(content(await open(ben, await anaSays(text, { chain: uuidv7() })))).toEqual({
      kind: 'unreadable',
      reason: 'mismatch',
    });
    expect(content(await open(ben, await anaSays(text)))).toEqual(text);
  });
});

describe('a payload that brings no key is refused by name', () => {
  it('for another room, from another identity, from nobody of this room, or altered', async () => {
    expect(await open(ben, await anasKey(uuidv7()))).toEqual({ kind: 'silent', refused: 'wrong-room' });
    const key = await anasKey();
    const nobody = { ...key, sender: uuidv7() };
    expect(await open(ben, nobody)).toEqual({ kind: 'silent', refused: 'not-a-member' });
    // Inside the ratchet message, which the handshake's fields surround.
    const box = toBase64(fromBase64(key.box).map((byte, i) => (i === 200 ? byte ^ 1 : byte)));
    const altered = await open(ben, { ...key, box });
    expect(altered).toEqual({ kind: 'silent', refused: 'bad-mac', lost: ana.address });
    const ghost = await person(ana.id);
    const session = await startSession(
      { identity: ghost.device.keys.identity, registrationId: 7 },
      ben.bundle,
    );
    const { bytes } = await encrypt(session, utf8('{}'));
    const pretended = logged(ana, { box: toBase64(bytes), recipient: ben.address });
    expect(await open(ben, pretended)).toEqual({ kind: 'silent', refused: 'untrusted-identity' });
    expect(await open(ben, key)).toEqual({ kind: 'silent', learned: true });
    expect(await open(ben, key)).toEqual({ kind: 'silent', refused: 'duplicate-message' });
  });

  it('by an older handshake than this device takes', async () => {
    const { kyberPreKey: _, ...stripped } = ben.bundle;
    const session = await startSession({ identity: ana.device.keys.identity, registrationId: 7 }, stripped);
    const { bytes } = await encrypt(session, utf8('{}'));
    const message = logged(ana, { box: toBase64(bytes), recipient: ben.address });
    expect(await open(ben, message)).toEqual({ kind: 'silent', refused: 'downgrade' });
  });
});

describe('a sender who was no member', () => {
  it('as of the roster entry that the message itself names, is not believed', async () => {
    await open(ben, await anasKey());
    members.delete(ana.id);
    expect(content(await open(ben, await anaSays({ kind: 'text', body: 'still here' })))).toEqual({
      kind: 'unreadable',
      reason: 'not-member-then',
    });
  });
});

describe('keys that do not arrive', () => {
  it('a message without its key is from before as long as its sender never gave us one', async () => {
    await anasKey();
    expect(content(await open(ben, await anaSays({ kind: 'text', body: 'early' })))).toBe('before');
  });

  it('and is told as unreadable after that: nothing disappears without a trace', async () => {
    await open(ben, await anasKey());
    await written(ana, async (draft) => draft.delete('ownChains', room));
    await anasKey();
    expect(content(await open(ben, await anaSays({ kind: 'text', body: 'lost' })))).toMatchObject({
      kind: 'unreadable',
    });
  });
});

describe('a session from an older handshake than their list demands', () => {
  it('carries no key: a new one takes its place, or nothing is sent', async () => {
    const { kyberPreKey: _, ...stripped } = ben.bundle;
    const { address, identityKey, bundle } = ben;
    const distribution = toBase64(new Uint8Array(8));
    const payload = { kind: 'sender-key', v: 1, room, distribution, epoch: 0 } as const;
    const pairwise = new Pairwise(ana.device);
    const seal = (reader: { bundle?: PreKeyBundle; minVersion: 3 | 4 }) =>
      written(ana, (draft) => pairwise.seal(draft, { address, identityKey, ...reader }, payload));
    await seal({ bundle: stripped, minVersion: 3 });
    await seal({ minVersion: 3 });
    await expect(seal({ minVersion: 4 })).rejects.toMatchObject({ reason: 'downgrade' });
    await expect(seal({ bundle: stripped, minVersion: 4 })).rejects.toMatchObject({ reason: 'downgrade' });
    await seal({ bundle, minVersion: 4 });
    await seal({ minVersion: 4 });
  });
});

describe('sessions are shared by all rooms', () => {
  it('whoever goes by a friend’s name in another room is not given this room’s keys', async () => {
    const impostor = await person(ben.id);
    const payload = {
      kind: 'sender-key',
      v: 1,
      room,
      distribution: toBase64(new Uint8Array(8)),
      epoch: 0,
    } as const;
    const pairwise = new Pairwise(ana.device);
    // Elsewhere, Ana came to have a session with the impostor at Ben's address.
    await written(ana, (draft) => pairwise.seal(draft, { ...impostor, minVersion: 4 }, payload));
    const draft = ana.store.draft();
    await expect(pairwise.seal(draft, { ...ben, minVersion: 4 }, payload)).rejects.toMatchObject({
      reason: 'changed-identity',
    });
  });
});
