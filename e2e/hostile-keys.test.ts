// A service that lies about keys: made-up ones, and true ones passed on as it likes.
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { signDeviceList } from '../crypto/account/index.ts';
import { generateKeyPair, generateKyberPreKey, generateSignedPreKey } from '../crypto/signal/index.ts';
import { fromBase64, fromUtf8, toBase64 } from '../protocol/bytes.ts';
import type { Bundle, SignedDeviceList } from '../protocol/devices.ts';
import { DeviceList } from '../protocol/devices.ts';
import type { Message } from '../protocol/socket.ts';
import type { Engine } from '../web/src/engine/index.ts';
import { idOf, letIn, openEngine, texts, untilOnline, untilText, untilView } from './headless.ts';
import { engines, item, liar, pair, patience, person, sends, startLying, system } from './lied-to.ts';

startLying();

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
      await letIn(ana, room, carla);
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
    await letIn(ana, other, ben);
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
