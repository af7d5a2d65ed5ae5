import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, equalBytes, fromUtf8, toBase64, utf8 } from '../../protocol/bytes.ts';
import { Envelope } from '../../protocol/content.ts';
import { packEnvelope, unpackEnvelope } from '../room/index.ts';
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
  type SenderKeyState,
  serializeSenderKey,
} from './sender-key.ts';
import { serializeSession } from './stored.ts';
import { acquaintances, Device } from './testing/device.ts';
import {
  decodePreKeySignalMessage,
  decodeSenderKeyMessage,
  decodeSignalMessage,
  encodePreKeySignalMessage,
  encodeSenderKeyMessage,
  encodeSignalMessage,
} from './wire.ts';

/** What a network can build that has recorded everything: messages put together from parts of true ones, or damaged. */
const signalError = expect.objectContaining({ name: 'SignalError' });

async function refuses(device: Device, bytes: Uint8Array) {
  const before = device.record && serializeSession(device.record);
  await expect(device.receive(bytes)).rejects.toEqual(signalError);
  expect(device.record && serializeSession(device.record)).toEqual(before);
}

async function chainRefuses(state: SenderKeyState, bytes: Uint8Array) {
  const before = serializeSenderKey(state);
  await expect(decryptGroup(state, bytes)).rejects.toEqual(signalError);
  expect(serializeSenderKey(state)).toEqual(before);
}

/** Replaces one byte by another, somewhere. */
const damage = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
const damaged = (bytes: Uint8Array, { at, by }: { at: number; by: number }) =>
  bytes.with(at % bytes.length, bytes[at % bytes.length]! ^ by);

describe('between two devices', { timeout: 60_000 }, () => {
  test('no message made of parts of others is read: other chains, other sessions, the other direction', async () => {
    const [ana, ben] = await acquaintances();
    const late = [await ana.send(utf8('old 0')), await ana.send(utf8('old 1'))];
    await ben.receive(await ana.send(utf8('old 2')));
    await ana.receive(await ben.send(utf8('turn')));
    const turned = [await ana.send(utf8('turned 0')), await ana.send(utf8('turned 1'))];
    const backwards = await ben.send(utf8('backwards'));
    const { record } = ana;
    await ana.start(ben);
    const renewed = decodePreKeySignalMessage(await ana.send(utf8('renewed'))).message;
    ana.record = record;
    const [carla, dora] = await acquaintances();
    const strange = await carla.send(utf8('strange'));
    await dora.receive(strange);

    const mine = [...late, ...turned];
    const parts = [...mine, backwards, renewed, strange].map(decodeSignalMessage);
    const part = fc.constantFrom(...parts);
    await fc.assert(
      fc.asyncProperty(part, part, part, part, part, async (a, b, c, d, e) => {
        const message = encodeSignalMessage({
          version: 4,
          ratchetKey: a.ratchetKey,
          counter: b.counter,
          previousCounter: c.previousCounter,
          ciphertext: d.ciphertext,
        });
        const bytes = concat(message, e.mac);
        fc.pre(!mine.some((own) => equalBytes(own, bytes)));
        await refuses(ben, bytes);
      }),
      { numRuns: 300 },
    );
    for (const bytes of mine) await ben.receive(bytes);
  });

  test('no handshake made of parts of others begins a session', async () => {
    const ben = new Device();
    const begun: Uint8Array[] = [];
    for (const device of [new Device(), new Device()])
      for (let i = 0; i < 2; i++) {
        await device.start(ben);
        begun.push(await device.send(utf8('hello')));
      }
    const part = fc.constantFrom(...begun.map(decodePreKeySignalMessage));
    await fc.assert(
      fc.asyncProperty(part, part, part, part, async (a, b, c, d) => {
        const spliced = { ...a, baseKey: b.baseKey, kyber: c.kyber!, message: d.message };
        const bytes = encodePreKeySignalMessage(spliced);
        fc.pre(!begun.some((own) => equalBytes(own, bytes)));
        await refuses(ben, bytes);
      }),
      { numRuns: 60 },
    );
  });

  test('a byte changed anywhere: an ordinary message is refused, a handshake never says anything else', async () => {
    const [ana, ben] = await acquaintances();
    const stranger = new Device();
    await stranger.start(ben);
    await ben.receive(await ana.send(utf8('before')));
    const ordinary = await ana.send(utf8('ordinary'));
    const handshake = await stranger.send(utf8('handshake'));
    const { registrationId: _, ...rest } = decodePreKeySignalMessage(handshake);
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        await refuses(ben, damaged(ordinary, how));
        const alone = new Device();
        const host = { local: ben.local, bundle: ben.bundle, lookup: ben.lookup };
        const receiver = Object.assign(alone, host, { record: undefined });
        const bytes = damaged(handshake, how);
        try {
          await receiver.receive(bytes);
        } catch (error) {
          expect(error).toEqual(signalError);
          expect(receiver.record).toBeUndefined();
          return;
        }
        // Only the registration id, which nothing depends on, may have been touched.
        const { registrationId: __, ...same } = decodePreKeySignalMessage(bytes);
        expect(same).toEqual(rest);
      }),
      { numRuns: 150 },
    );
    expect(fromUtf8(await ben.receive(ordinary))).toBe('ordinary');
  });
});

describe('in rooms', { timeout: 60_000 }, () => {
  const room = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
  const other = '00000000-0000-4000-8000-000000000000';

  /** Ana's chain in the room, the one before it, hers in another room, and Ben's in the same. */
  const makers = () => [room, room, other, room].map((id) => createSenderKey(id));

  test('no message made of parts of others is read: other chains, epochs, rooms, senders', async () => {
    const states = makers();
    const follower = acceptDistribution(distribution(states[0]!));
    const written = states.flatMap((state) => {
      const first = encryptGroup(state, utf8('first'));
      return [first.bytes, encryptGroup(first.state, utf8('second')).bytes];
    });
    const part = fc.constantFrom(...written.map(decodeSenderKeyMessage));
    await fc.assert(
      fc.asyncProperty(part, part, part, part, part, async (a, b, c, d, e) => {
        const message = encodeSenderKeyMessage({
          distributionId: a.distributionId,
          chainId: b.chainId,
          iteration: c.iteration,
          ciphertext: d.ciphertext,
        });
        const bytes = concat(message, e.signature);
        fc.pre(!written.slice(0, 2).some((own) => equalBytes(own, bytes)));
        await chainRefuses(follower, bytes);
      }),
      { numRuns: 300 },
    );
  });

  test('a byte changed anywhere is refused', async () => {
    const own = createSenderKey(room);
    const { bytes } = encryptGroup(own, utf8('hello'));
    const follower = acceptDistribution(distribution(own));
    await fc.assert(
      fc.asyncProperty(damage, (how) => chainRefuses(follower, damaged(bytes, how))),
      { numRuns: 200 },
    );
  });

  test('an envelope is read only in its room, from its sender and device, under its id, chain and commitment', async () => {
    const outer = { id: room, room, sender: room, device: 1, chain: room };
    const rest = { roster: 'A'.repeat(43), at: 1, list: 1, content: { kind: 'text', body: 'hello' } };
    const envelope = { ...outer, ...rest };
    const { plaintext, commitment } = packEnvelope(envelope);
    const stranger = packEnvelope(envelope);
    const id = fc.constantFrom(room, other);
    const place = fc.record({
      id,
      room: id,
      sender: id,
      device: fc.constantFrom(1, 2),
      chain: id,
      commitment: fc.constantFrom(commitment, stranger.commitment, toBase64(new Uint8Array(32)), undefined),
    });
    fc.assert(
      fc.property(place, (claimed) => {
        const isTrue = JSON.stringify(claimed) === JSON.stringify({ ...outer, commitment });
        if (isTrue) expect(unpackEnvelope(plaintext, claimed, Envelope).content).toEqual(envelope.content);
        else expect(() => unpackEnvelope(plaintext, claimed, Envelope)).toThrow();
      }),
    );
  });
});
