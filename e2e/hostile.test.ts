import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { signDeviceList } from '../crypto/account/index.ts';
import { createInvite, inviteKeyOf, signByInvite, signEntry } from '../crypto/room/index.ts';
import {
  generateKeyPair,
  generateKyberPreKey,
  generateSignedPreKey,
  readSenderKeyMessage,
} from '../crypto/signal/index.ts';
import { fromBase64, fromUtf8, toBase64 } from '../protocol/bytes.ts';
import type { Bundle, SignedDeviceList } from '../protocol/devices.ts';
import { DeviceList } from '../protocol/devices.ts';
import { problem } from '../protocol/problem.ts';
import { entryHash, type RosterEntry, readEntry, type SignedEntry } from '../protocol/roster.ts';
import type { ClientFrame, Message } from '../protocol/socket.ts';
import { type Engine, type RoomView, type TimelineItem, until } from '../web/src/engine/index.ts';
import { Store } from '../web/src/engine/store/store.ts';
import {
  idOf,
  openEngine,
  register,
  texts,
  twoInARoom,
  untilOnline,
  untilText,
  untilView,
} from './headless.ts';
import type { Call } from './liar.ts';
import { engines, liar, startLying, system } from './lied-to.ts';

/** For what cannot be observed otherwise than by looking again. */
const patience = { timeout: 20_000 };

startLying();

/** Somebody new, on the true service unless another address is given. */
async function person(name: string, url = system.url, storeName?: string) {
  const engine = await register(url, name, storeName);
  engines.push(engine);
  return engine;
}

/** Ana's room with Ben in it. */
async function pair({ ana = system.url, ben = system.url, store = '' } = {}) {
  const two = await twoInARoom({ ana, ben }, store || undefined);
  engines.push(two.ana, two.ben);
  return two;
}

const item = (engine: Engine, room: string, accept: (item: TimelineItem) => boolean) =>
  untilView(engine, room, (view) => view.timeline.some(accept)).then(
    (view) => view.timeline.find(accept) as TimelineItem,
  );
const isUnreadable = ({ kind }: TimelineItem) => kind === 'unreadable';
const sends = (frames: readonly ClientFrame[]) =>
  frames.filter((frame): frame is Extract<ClientFrame, { t: 'send' }> => frame.t === 'send');

describe('keys that the service made up', () => {
  interface BundlesReply {
    identityKey: string;
    deviceList: SignedDeviceList | null;
    bundles: Bundle[];
  }
  const mallory = generateKeyPair();
  const malloryKey = toBase64(mallory.publicKey);
  const signedPreKey = generateSignedPreKey(mallory, 1);
  const kyberPreKey = generateKyberPreKey(mallory, 2);
  const hers = (bundle: Bundle): Bundle => ({
    ...bundle,
    signedPreKey: {
      id: 1,
      publicKey: toBase64(signedPreKey.keyPair.publicKey),
      signature: toBase64(signedPreKey.signature),
    },
    kyberPreKey: {
      id: 2,
      publicKey: toBase64(kyberPreKey.publicKey),
      signature: toBase64(kyberPreKey.signature),
    },
  });
  const listOf = (signed: SignedDeviceList) =>
    DeviceList.parse(JSON.parse(fromUtf8(fromBase64(signed.body))));
  const withGhost = (signed: SignedDeviceList): SignedDeviceList => {
    const list = listOf(signed);
    const ghost = { id: 2, registrationId: 5, addedAt: 0 };
    return signDeviceList({ ...list, version: 2, devices: [...list.devices, ghost] }, mallory.privateKey);
  };

  it.each<[string, RegExp, (reply: BundlesReply) => BundlesReply]>([
    ['another identity', /another identity/, (reply) => ({ ...reply, identityKey: malloryKey })],
    [
      'another identity with all that belongs to it',
      /another identity/,
      (reply) => ({
        ...reply,
        identityKey: malloryKey,
        deviceList: reply.deviceList && signDeviceList(listOf(reply.deviceList), mallory.privateKey),
        bundles: reply.bundles.map(hers),
      }),
    ],
    [
      'prekeys of its own',
      /prekey is not signed/,
      (reply) => ({ ...reply, bundles: reply.bundles.map(hers) }),
    ],
    [
      'a bundle without its post-quantum key',
      /post-quantum/,
      (reply) => ({ ...reply, bundles: reply.bundles.map(({ kyberPreKey: _, ...bundle }) => bundle) }),
    ],
    [
      'one more device',
      /device list is not signed/,
      (reply) => ({ ...reply, deviceList: reply.deviceList && withGhost(reply.deviceList) }),
    ],
  ])('%s: nothing is sent, and the person is told; the truth later heals it', async (_, told, lie) => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    liar.answer = ({ path }, reply) =>
      path.startsWith(`/users/${idOf(ben)}/bundles`) ? lie(reply as BundlesReply) : reply;
    await ana.room(room).send('for Ben alone');
    const failed = await item(ana, room, (each) => each.kind === 'text' && each.state === 'failed');
    expect(failed).toMatchObject({ problem: expect.stringMatching(told) });
    expect(sends(liar.sent)).toEqual([]);
    liar.repent();
    await ana.room(room).retry(failed.id);
    await untilText(ben, room, 'for Ben alone');
  });

  it.each<[string, RegExp, (reply: BundlesReply) => BundlesReply]>([
    ['another identity', /Ben .*another identity/, (reply) => ({ ...reply, identityKey: malloryKey })],
    [
      'prekeys of its own',
      /Ben .*prekey is not signed/,
      (reply) => ({ ...reply, bundles: reply.bundles.map(hers) }),
    ],
    [
      'a bundle without its post-quantum key',
      /Ben .*post-quantum/,
      (reply) => ({ ...reply, bundles: reply.bundles.map(({ kyberPreKey: _, ...bundle }) => bundle) }),
    ],
    [
      'one more device',
      /Ben .*device list is not signed/,
      (reply) => ({ ...reply, deviceList: reply.deviceList && withGhost(reply.deviceList) }),
    ],
  ])(
    '%s for one of several: who is attacked gets no key, the others get it, the sender is told',
    async (_, told, lie) => {
      const { ana, ben, room } = await pair({ ana: liar.url });
      const carla = await person('Carla');
      await carla.join(await ana.room(room).invite());
      await Promise.all([
        untilOnline(carla, room),
        untilView(ana, room, ({ members }) => members.length === 3),
      ]);
      liar.answer = ({ path }, reply) =>
        path.startsWith(`/users/${idOf(ben)}/bundles`) ? lie(reply as BundlesReply) : reply;
      await ana.room(room).send('for who can be trusted');
      await untilText(carla, room, 'for who can be trusted');
      const { warnings } = await untilView(ana, room, (view) => view.warnings.length > 0);
      expect(warnings).toEqual([expect.stringMatching(told)]);
      const given = new Set(sends(liar.sent).flatMap(({ recipient }) => recipient ?? []));
      expect([...given]).toEqual([`${idOf(carla)}:1`]);
      expect(texts(ben.room(room).view.get())).toEqual([]);
      liar.repent();
      await ana.room(room).send('and Ben again');
      await untilText(ben, room, 'and Ben again');
      await untilView(ana, room, (view) => view.warnings.length === 0);
    },
  );

  it('a device list that was seen cannot be hidden again', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    await ana.room(room).send('first');
    await untilText(ben, room, 'first');
    // A new device of Ben's makes Ana read his list again.
    liar.answer = ({ path }, reply) =>
      path.startsWith(`/users/${idOf(ben)}/bundles`)
        ? { ...(reply as BundlesReply), deviceList: null }
        : reply;
    const warned = vi.spyOn(console, 'error').mockImplementation(() => {});
    const phone = await openEngine({ url: system.url });
    engines.push(phone);
    await phone.login(ben.account);
    await vi.waitFor(
      () =>
        expect(warned).toHaveBeenCalledWith(
          expect.any(String),
          expect.objectContaining({ reason: 'rolled-back' }),
        ),
      patience,
    );
    warned.mockRestore();
  });
});

describe('keys that the service passes on as it likes', () => {
  let warned: MockInstance<typeof console.warn>;
  beforeEach(() => {
    warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => warned.mockRestore());
  /** What was said of payloads that were refused. */
  const refused = () =>
    warned.mock.calls.flatMap(([what, told]) => (what === 'a key was refused' ? [told] : []));
  const isFor = (engine: Engine) => (message: Message) =>
    message.recipient?.startsWith(idOf(engine)) ?? false;

  it('a handshake that is repeated brings nothing', async () => {
    const { ana, ben, room } = await pair({ ben: liar.url });
    let first: Message | undefined;
    liar.toClient = (frame) => {
      if (frame.t === 'message') first ??= frame.items.find(isFor(ben));
      return [frame];
    };
    await ana.room(room).send('once');
    await untilText(ben, room, 'once');
    liar.say({ t: 'message', items: [{ ...first!, id: uuidv7(), seq: first!.seq + 1000 }] });
    await vi.waitFor(
      () =>
        expect(refused()).toEqual([
          { seq: first!.seq + 1000, from: `${idOf(ana)}:1`, reason: 'duplicate-message' },
        ]),
      patience,
    );
    expect(texts(ben.room(room).view.get())).toEqual(['once']);
  });

  it('a key of one room that comes by another is refused', async () => {
    const { ana, ben, room } = await pair({ ben: liar.url });
    const other = await ana.createRoom('Elsewhere');
    await ben.join(await ana.room(other).invite());
    await Promise.all([untilOnline(ben, other), untilOnline(ana, other)]);
    await ana.room(room).send('here');
    await untilText(ben, room, 'here');
    const isAnas = ({ sender, recipient }: Message) => sender === idOf(ana) && !recipient;
    let held: Message | undefined;
    const passed = Promise.withResolvers<void>();
    liar.toClient = (frame) => {
      if (frame.t !== 'message') return [frame];
      held ??= frame.items.find(isFor(ben));
      if (frame.items.some(isAnas)) passed.resolve();
      return [{ ...frame, items: frame.items.filter((each) => each !== held) }];
    };
    await ana.room(other).send('elsewhere');
    await passed.promise;
    const inItsPlace = (each: Message) => (isAnas(each) ? { ...held!, id: uuidv7(), seq: each.seq } : each);
    liar.toClient = (frame) =>
      frame.t === 'message' ? [{ ...frame, items: frame.items.map(inItsPlace) }] : [frame];
    await ana.room(room).send('replaced by a key');
    await vi.waitFor(
      () => expect(refused()).toEqual([expect.objectContaining({ reason: 'wrong-room' })]),
      patience,
    );
  });

  it('a device that was revoked gets none though the service hides its revocation: a message told of the newer list', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    const phone = await openEngine({ url: system.url });
    engines.push(phone);
    await phone.login(ben.account);
    await untilOnline(phone, room);
    let shown: unknown;
    liar.answer = ({ path }, reply) => {
      if (!path.startsWith(`/users/${idOf(ben)}/bundles`)) return reply;
      // As it was when both were there.
      shown ??= (reply as { deviceList: unknown }).deviceList;
      return { ...(reply as object), deviceList: shown };
    };
    await ana.room(room).send('to both of you');
    for (const engine of [ben, phone]) await untilText(engine, room, 'to both of you');
    const before = sends(liar.sent).length;
    await ben.revokeDevice(2);
    await ben.room(room).send('my phone is gone');
    await untilText(ana, room, 'my phone is gone');
    await ana.room(room).send('for the laptop alone');
    const failed = await item(ana, room, (each) => each.kind === 'text' && each.state === 'failed');
    expect(failed).toMatchObject({ problem: expect.stringContaining('hides a newer device list') });
    expect(sends(liar.sent).slice(before)).toEqual([]);
    liar.repent();
    await ana.room(room).retry(failed.id);
    await untilText(ben, room, 'for the laptop alone');
    const given = sends(liar.sent)
      .slice(before)
      .flatMap(({ recipient }) => recipient ?? []);
    expect(given).toEqual([`${idOf(ben)}:1`]);
  });
});

describe('messages that the service touched', () => {
  /** Ben behind the liar, Ana and Carla on the true service, in one room; and a second room of Ana's and Ben's. */
  async function three() {
    const { ana, ben, room } = await pair({ ben: liar.url });
    const carla = await person('Carla');
    await carla.join(await ana.room(room).invite());
    await untilOnline(carla, room);
    for (const engine of [ana, carla]) await engine.room(room).send(`hello from ${engine.account.name}`);
    for (const engine of [ana, carla]) await untilText(ben, room, `hello from ${engine.account.name}`);
    return { ana, ben, carla, room };
  }
  /** From now on, room messages are altered; resolves once one was. */
  const alter = (change: (message: Message) => Message) =>
    new Promise<void>((altered) => {
      liar.toClient = (frame) => {
        if (frame.t !== 'message') return [frame];
        const items = frame.items.map((each) => (each.recipient ? each : change(each)));
        if (frame.items.some((each) => !each.recipient)) altered();
        return [{ ...frame, items }];
      };
    });
  const flipped = (text: string, at: number) => {
    const bytes = fromBase64(text);
    bytes[at < 0 ? bytes.length + at : at]! ^= 1;
    return toBase64(bytes);
  };

  it('altered, relabelled or repeated, they never show as what they are not', async () => {
    const { ana, ben, carla, room } = await three();
    const other = await ana.createRoom('Elsewhere');
    await ben.join(await ana.room(other).invite());
    await untilOnline(ben, other);
    let elsewhere: Message | undefined;
    liar.toClient = (frame) => {
      if (frame.t === 'message') elsewhere = frame.items.find(({ recipient }) => !recipient) ?? elsewhere;
      return [frame];
    };
    await ana.room(other).send('said elsewhere');
    await untilText(ben, other, 'said elsewhere');
    const replayed = elsewhere!;

    const lies: [string, (message: Message) => Message][] = [
      ['its ciphertext', (message) => ({ ...message, box: flipped(message.box, 60) })],
      ['its signature', (message) => ({ ...message, box: flipped(message.box, -1) })],
      ['its id', (message) => ({ ...message, id: uuidv7() })],
      ['its commitment', (message) => ({ ...message, commitment: flipped(message.commitment!, 0) })],
      ['its sender', (message) => ({ ...message, sender: idOf(carla) })],
      ['its device', (message) => ({ ...message, device: 2 })],
      ['its sender, to Ben himself', (message) => ({ ...message, sender: idOf(ben), id: uuidv7() })],
      ['a message of another room in its place', ({ seq }) => ({ ...replayed, seq })],
    ];
    for (const [what, lie] of lies) {
      const altered = alter(lie);
      await ana.room(room).send(`changed: ${what}`);
      await altered;
      liar.repent();
      await ana.room(room).send(`true after ${what}`);
      await untilText(ben, room, `true after ${what}`);
    }
    const truths = lies.map(([what]) => `true after ${what}`);
    const shown = ben
      .room(room)
      .view.get()
      .timeline.filter(({ kind }) => kind === 'text')
      .slice(2);
    // Where only its key seemed to be missing, the message may have been asked for again and read as it was said: by Ana, here.
    expect(new Set(shown.map(({ author }) => author))).toEqual(new Set([idOf(ana)]));
    const read = texts(ben.room(room).view.get()).slice(2);
    expect(read.filter((text) => !text.startsWith('changed: '))).toEqual(truths);

    // What Ben has read comes again, with a new number. Not just any message: questions for keys and their answers come in between.
    const seen: Message[] = [];
    liar.toClient = (frame) => {
      if (frame.t === 'message') seen.push(...frame.items);
      return [frame];
    };
    await ana.room(room).send('once');
    await untilText(ben, room, 'once');
    const { id } = await item(ben, room, (each) => each.kind === 'text' && each.text === 'once');
    const once = seen.find((message) => message.id === id)!;
    void alter((message) => (message.sender === once.sender ? { ...once, seq: message.seq } : message));
    const before = ben.room(room).view.get().timeline.filter(isUnreadable).length;
    await ana.room(room).send('replaced by a repetition');
    const { timeline } = await untilView(
      ben,
      room,
      (view) => view.timeline.filter(isUnreadable).length > before,
    );
    expect(timeline.filter((each) => each.kind === 'text' && each.text === 'once')).toHaveLength(1);
  });
});

describe('members that the service made up', () => {
  type Body = RosterEntry extends infer E
    ? E extends RosterEntry
      ? Omit<E, 'v' | 'room' | 'seq' | 'prev' | 'at' | 'by'>
      : never
    : never;
  const mallory = { id: uuidv7(), keys: generateKeyPair() };
  const identityKey = toBase64(mallory.keys.publicKey);
  const rosterIn = (reply: unknown) => (reply as { roster: SignedEntry[] }).roster;
  const isMembersOf = ({ path }: Call, room: string) => path.startsWith(`/chatrooms/${room}/members`);

  /** An entry of Mallory's that follows `roster`. */
  const next = async (room: string, roster: readonly SignedEntry[], body: Body): Promise<SignedEntry> => {
    const last = roster.at(-1);
    const link = {
      v: 1,
      room,
      seq: roster.length,
      prev: last ? await entryHash(last) : null,
      by: mallory.id,
      at: Date.now(),
    } as const;
    return signEntry({ ...link, ...body } as RosterEntry, mallory.keys.privateKey);
  };

  it('a ghost gets no keys, and is shown as a warning', async () => {
    let roster: SignedEntry[] = [];
    liar.answer = (_, reply) => {
      if ((reply as { roster?: SignedEntry[] }).roster) roster = rosterIn(reply);
      return reply;
    };
    const { ana, ben, room, link } = await pair({ ben: liar.url });
    await ben.readInvite(link);
    const invite = createInvite(room);
    const entry = await next(room, roster, {
      kind: 'joined',
      identityKey,
      inviteKey: inviteKeyOf(invite),
      profile: '',
    });
    const ghost = signByInvite(entry, invite);
    liar.answer = (call, reply) =>
      isMembersOf(call, room) ? { ...(reply as object), roster: [...rosterIn(reply), ghost] } : reply;
    liar.say({ t: 'roster', seq: readEntry(ghost).seq, entries: [ghost] });
    const { warnings } = await untilView(ben, room, (view) => view.warnings.length > 0);
    expect(warnings[0]).toContain('without a valid invitation');
    await ben.room(room).send('only for Ana');
    const { members } = await untilText(ana, room, 'only for Ana');
    expect(members).toHaveLength(2);
    expect(
      ben
        .room(room)
        .view.get()
        .members.map(({ id }) => id),
    ).toEqual([idOf(ana), idOf(ben)]);
    const readers = new Set(sends(liar.sent).flatMap(({ recipient }) => recipient ?? []));
    expect([...readers]).toEqual([`${idOf(ana)}:1`]);
  });

  it('whoever follows a link is not led into a room that the service made up', async () => {
    const ana = await person('Ana');
    const ben = await person('Ben', liar.url);
    const room = await ana.createRoom('The real one');
    const link = await ana.room(room).invite();
    liar.answer = async (call, reply) => {
      if (!isMembersOf(call, room)) return reply;
      const invitation = rosterIn(reply)
        .map(readEntry)
        .find((entry) => entry.kind === 'invite');
      if (invitation?.kind !== 'invite') throw new Error('there is no invitation');
      const { inviteKey, role, expires, uses, sealed } = invitation;
      const created = await next(room, [], { kind: 'created', identityKey, profile: '' });
      const copied = { kind: 'invite', inviteKey, role, expires, uses, sealed } as const;
      return { ...(reply as object), roster: [created, await next(room, [created], copied)] };
    };
    await expect(ben.readInvite(link)).rejects.toMatchObject({ reason: 'forged-room' });
    await expect(ben.join(link)).rejects.toMatchObject({ reason: 'forged-room' });
    liar.repent();
    expect(await ben.join(link)).toBe(room);
  });

  it('nor is a new device of a member', async () => {
    const { ana, room } = await pair();
    const other = await ana.createRoom('Untouched');
    const phone = await openEngine({ url: liar.url });
    engines.push(phone);
    liar.answer = async (call, reply) =>
      isMembersOf(call, room)
        ? {
            ...(reply as object),
            roster: [await next(room, [], { kind: 'created', identityKey, profile: '' })],
          }
        : reply;
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await phone.login(ana.account);
    expect(phone.rooms.get().map(({ id }) => id)).toEqual([other]);
    expect(warned).toHaveBeenCalled();
    warned.mockRestore();
  });
});

describe('members who have gone', () => {
  const isAlert = (view: RoomView) => view.warnings.some((each) => each.includes('another member list'));

  /** Ana's room with Ben and Carla, who is behind the liar. */
  async function withCarla() {
    const { ana, ben, room } = await pair();
    const carla = await person('Carla', liar.url);
    await carla.join(await ana.room(room).invite());
    await Promise.all([
      untilOnline(carla, room),
      untilView(ben, room, ({ members }) => members.length === 3),
    ]);
    await ben.room(room).send('while I was here');
    await untilText(carla, room, 'while I was here');
    return { ana, ben, carla, room };
  }
  const untilTwo = (engine: Engine, room: string) =>
    untilView(engine, room, (view) => view.members.length === 2 && view.connection === 'online');

  it.each(['is there', 'is away'])(
    'what the service passes on of them afterwards is refused by who %s meanwhile; what they said before stays',
    async (where) => {
      const { ana, ben, carla, room } = await withCarla();
      let held: Message | undefined;
      let last = 0;
      liar.toClient = (frame) => {
        if (frame.t !== 'message') return [frame];
        last = Math.max(last, ...frame.items.map(({ seq }) => seq));
        held ??= frame.items.find(({ sender, recipient }) => sender === idOf(ben) && !recipient);
        return [{ ...frame, items: frame.items.filter((each) => each !== held) }];
      };
      await ben.room(room).send('kept back for later');
      await untilText(ana, room, 'kept back for later');
      await ana.room(room).send('goodbye, Ben');
      await untilText(carla, room, 'goodbye, Ben');
      if (where === 'is away') liar.cut();
      await ana.room(room).remove(idOf(ben));
      liar.mend();
      await untilTwo(carla, room);
      liar.say({ t: 'message', items: [{ ...held!, seq: last + 100 }] });
      expect(await item(carla, room, isUnreadable)).toMatchObject({
        author: idOf(ben),
        reason: expect.stringContaining('no member any more'),
      });
      expect(texts(carla.room(room).view.get())).toEqual(['while I was here', 'goodbye, Ben']);
    },
  );

  it('cannot be hidden from some: a message tells that its sender knows of more, and that is shown', async () => {
    const { ana, ben, carla, room } = await withCarla();
    liar.answer = ({ path }, reply) => {
      if (!path.startsWith(`/chatrooms/${room}/members`)) return reply;
      const { roster, ...rest } = reply as { roster: SignedEntry[] };
      const known = roster.filter((entry) => readEntry(entry).kind !== 'removed');
      return { ...rest, roster: known };
    };
    liar.toClient = (frame) => (frame.t === 'roster' ? [] : [frame]);
    await ana.room(room).remove(idOf(ben));
    await ana.room(room).send('Ben is gone');
    const { members, timeline } = await untilView(carla, room, isAlert);
    expect(members).toHaveLength(3);
    expect(timeline.find((each) => each.kind === 'text' && each.text === 'Ben is gone')).toHaveProperty(
      'doubt',
    );

    liar.repent();
    liar.cut();
    liar.mend();
    const healed = await untilTwo(carla, room);
    expect(isAlert(healed)).toBe(false);
    expect(healed.timeline.filter(({ doubt }) => doubt !== undefined)).toEqual([]);
  });

  it('where the news of it only got lost, the next message brings it', async () => {
    const { ana, ben, carla, room } = await withCarla();
    liar.toClient = (frame) => (frame.t === 'roster' ? [] : [frame]);
    await ana.room(room).remove(idOf(ben));
    await ana.room(room).send('Ben is gone');
    const { members, warnings } = await untilText(carla, room, 'Ben is gone');
    expect(members).toHaveLength(2);
    expect(warnings).toEqual([]);
  });
});

describe('lines that fail at the worst moment', () => {
  /** No message key has served two different ciphertexts. */
  const expectNoKeyTwice = (frames: readonly ClientFrame[]) => {
    const boxes = new Map<string, string>();
    for (const { box, recipient } of sends(frames)) {
      if (recipient !== undefined) continue;
      const { distributionId, chainId, iteration } = readSenderKeyMessage(fromBase64(box));
      const key = `${distributionId}/${chainId}/${iteration}`;
      expect(boxes.get(key) ?? box).toBe(box);
      boxes.set(key, box);
    }
  };
  const outboxOf = async (storeName: string) => {
    const store = await Store.open(storeName);
    const rows = await store.list('outbox');
    store.close();
    return rows.map(([, row]) => row);
  };
  const rosterOf = async (storeName: string, room: string) => {
    const store = await Store.open(storeName);
    const row = await store.get('rooms', room);
    store.close();
    return row!.roster.map(readEntry);
  };

  it('killed between sealing and sending: the same bytes go out later, once', async () => {
    const store = `killed-${crypto.randomUUID()}`;
    const { ana, ben, room } = await pair({ ana: liar.url, store });
    liar.cut();
    for (const text of ['one', 'two', 'three']) await ana.room(room).send(text);
    await vi.waitFor(async () => expect((await outboxOf(store))[0]?.frames).toBeDefined(), patience);
    const sealed = (await outboxOf(store))[0]!.frames!;
    await ana.close();
    expect(sends(liar.sent)).toEqual([]);
    liar.mend();
    const later = await openEngine({ url: liar.url, storeName: store });
    engines.push(later);
    expect(texts(await untilText(ben, room, 'three'))).toEqual(['one', 'two', 'three']);
    const sent = sends(liar.sent);
    expect(sent.slice(0, sealed.length)).toEqual(sealed.map((frame) => ({ t: 'send', ...frame })));
    expectNoKeyTwice(liar.sent);
  });

  it('frames that vanish with their socket are sent again as they were', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    await ana.room(room).send('zero');
    await untilText(ben, room, 'zero');
    let swallowed = 0;
    const vanished = Promise.withResolvers<void>();
    liar.toSystem = (frame) => {
      if (frame.t !== 'send') return [frame];
      if (++swallowed === 3) vanished.resolve();
      return [];
    };
    for (const text of ['one', 'two', 'three']) await ana.room(room).send(text);
    await vanished.promise;
    liar.repent();
    liar.cut();
    liar.mend();
    expect(texts(await untilText(ben, room, 'three'))).toEqual(['zero', 'one', 'two', 'three']);
    expectNoKeyTwice(liar.sent);
  });

  it('accepted, but the answer is lost: it stands there once', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    liar.toClient = (frame) => (frame.t === 'ack' || frame.t === 'message' ? [] : [frame]);
    liar.toSystem = (frame, answer) => {
      // Only the keys are acknowledged.
      if (frame.t === 'send' && frame.recipient) answer({ t: 'ack', id: frame.id, seq: 1, at: 1 });
      return [frame];
    };
    await ana.room(room).send('once');
    await untilText(ben, room, 'once');
    liar.repent();
    liar.cut();
    liar.mend();
    expect(texts(await untilText(ana, room, 'once'))).toEqual(['once']);
    await ana.room(room).send('and on');
    expect(texts(await untilText(ben, room, 'and on'))).toEqual(['once', 'and on']);
  });

  it('a key that the room refuses for haste is not overtaken by what it opens', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    let refused = false;
    liar.toSystem = (frame, answer) => {
      if (frame.t !== 'send' || !frame.recipient || refused) return [frame];
      refused = true;
      answer({ t: 'nack', id: frame.id, problem: problem('rate-limited', undefined, { retryAfter: 1 }) });
      return [];
    };
    for (const text of ['one', 'two']) await ana.room(room).send(text);
    expect(texts(await untilText(ben, room, 'two'))).toEqual(['one', 'two']);
  });

  it('a new line in the middle of sending starts from the first that waits', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const carla = await person('Carla');
    // The first message vanishes with its socket, while the second waits for the keys of somebody new.
    liar.toSystem = (frame) => (frame.t === 'send' && !frame.recipient ? [] : [frame]);
    await ana.room(room).send('one');
    await vi.waitFor(() => expect(sends(liar.sent).some(({ recipient }) => !recipient)).toBe(true), patience);
    liar.answer = async ({ path }, reply) => {
      if (!path.startsWith(`/users/${idOf(carla)}/bundles`)) return reply;
      asked.resolve();
      await answered.promise;
      return reply;
    };
    await carla.join(await ana.room(room).invite());
    await untilView(ana, room, ({ members }) => members.length === 3);
    await ana.room(room).send('two');
    await asked.promise;
    liar.cut();
    await untilView(ana, room, ({ connection }) => connection === 'offline');
    liar.toSystem = (frame) => [frame];
    liar.mend();
    await untilOnline(ana, room);
    answered.resolve();
    expect(texts(await untilText(ben, room, 'two'))).toEqual(['one', 'two']);
  });

  it('a message given up does not take the keys of those behind it along', async () => {
    const store = `given-up-${crypto.randomUUID()}`;
    const { ana, ben, room } = await pair({ ana: liar.url, store });
    liar.cut();
    await ana.room(room).send('never mind');
    await vi.waitFor(async () => expect((await outboxOf(store))[0]?.frames).toBeDefined(), patience);
    const waiting = await item(ana, room, ({ kind }) => kind === 'text');
    await ana.room(room).discard(waiting.id);
    await ana.room(room).send('this one');
    liar.mend();
    expect(texts(await untilText(ben, room, 'this one'))).toEqual(['this one']);
    expectNoKeyTwice(liar.sent);
  });

  it('letting somebody in can be done again, whichever answer was lost, in another tab, and makes one invitation', async () => {
    const store = `lets-in-${crypto.randomUUID()}`;
    const ana = await person('Ana', liar.url, store);
    const room = await ana.createRoom('Book club');
    const link = await ana.room(room).askingLink(24);
    const tab = await openEngine({ url: liar.url, storeName: store });
    engines.push(tab);
    for (const lost of ['PATCH', 'PUT']) {
      const ben = await person('Ben');
      expect(await ben.ask(link)).toBe('waiting');
      for (const each of [ana, tab]) await untilView(each, room, ({ requests }) => requests.length === 1);
      liar.toClient = (frame) => (frame.t === 'roster' || frame.t === 'requests' ? [] : [frame]);
      liar.answer = ({ method }, reply) => {
        if (method === lost) throw new Error('lost');
        return reply;
      };
      await expect(ana.room(room).letIn(idOf(ben))).rejects.toMatchObject({ reason: 'network' });
      liar.repent();
      await tab.room(room).letIn(idOf(ben));
      await untilView(tab, room, ({ requests }) => requests.length === 0);
      await ana.room(room).letIn(idOf(ben));
      await ben.join(link);
      const { members } = await untilView(ana, room, (view) =>
        view.members.some(({ id }) => id === idOf(ben)),
      );
      expect(ana.room(room).invites()).toEqual([]);
      const made = (await rosterOf(store, room)).filter(({ kind }) => kind === 'invite');
      expect(made).toHaveLength(members.length - 1);
    }
  });

  it('of two who let somebody in at once, one is told that it is done, and nothing of theirs stays open', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    await ana.room(room).setRole(idOf(ben), 'admin');
    await untilView(ben, room, ({ members }) => members.some(({ isMe, role }) => isMe && role === 'admin'));
    const link = await ana.room(room).askingLink(24);
    const carla = await person('Carla');
    expect(await carla.ask(link)).toBe('waiting');
    for (const each of [ana, ben]) await untilView(each, room, ({ requests }) => requests.length === 1);
    const open = ana.room(room).invites().length;
    liar.answer = async ({ method }, reply) => {
      if (method === 'PATCH') await ben.room(room).letIn(idOf(carla));
      return reply;
    };
    await expect(ana.room(room).letIn(idOf(carla))).rejects.toMatchObject({ reason: 'request-over' });
    liar.repent();
    await carla.join(link);
    await untilView(ana, room, ({ members }) => members.length === 3);
    expect(ana.room(room).invites()).toHaveLength(open);
  });

  it('a registration whose answer is lost leaves no keys behind that nobody has', async () => {
    let lost = false;
    liar.answer = ({ path }, reply) => {
      if (lost || path !== '/keys/device') return reply;
      lost = true;
      throw new Error('lost');
    };
    const ana = await openEngine({ url: liar.url });
    engines.push(ana);
    const account = { email: `ana-${crypto.randomUUID()}@example.org`, password: 'horse', name: 'Ana' };
    await expect(ana.register(account)).rejects.toMatchObject({ reason: 'network' });
    await ana.register(account);
    const ben = await person('Ben');
    const room = await ben.createRoom('Keys');
    await ana.join(await ben.room(room).invite());
    await untilOnline(ana, room);
    await ben.room(room).send('can you read this?');
    await untilText(ana, room, 'can you read this?');
  });
});

describe('tabs', () => {
  it('open a room once each, and sign out together', async () => {
    const store = `tabs-${crypto.randomUUID()}`;
    const first = await person('Ana', liar.url, store);
    const second = await openEngine({ url: liar.url, storeName: store });
    engines.push(second);
    const room = await first.createRoom('Tabs');
    await first.room(room).send('hello');
    await until(second.rooms, (rooms) => rooms.some(({ id }) => id === room));
    await Promise.all([untilText(second, room, 'hello'), untilOnline(second, room)]);
    // The account's and the room's, each tab.
    expect(liar.open).toBe(4);
    await first.logout();
    await until(second.session, ({ kind }) => kind === 'signed-out');
    expect(second.rooms.get()).toEqual([]);
    await vi.waitFor(() => expect(liar.open).toBe(0), patience);
    await second.login(first.account);
    expect(second.rooms.get().map(({ id }) => id)).toEqual([room]);
  });
});
