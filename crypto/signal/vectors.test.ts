import { hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { toBase64, utf8 } from '../../protocol/bytes.ts';
import pqxdhVectors from '../vectors/pqxdh.json' with { type: 'json' };
import safetyNumberVectors from '../vectors/safety-number.json' with { type: 'json' };
import senderKeyVectors from '../vectors/sender-keys.json' with { type: 'json' };
import x3dhVectors from '../vectors/x3dh.json' with { type: 'json' };
import xeddsaVectors from '../vectors/xeddsa.json' with { type: 'json' };
import { verify as verifyOn } from './curve.ts';
import {
  acceptDistribution,
  decrypt,
  decryptGroup,
  distribution as distributionOf,
  keyPairFromPrivate,
  matchesScanned,
  type PreKeyLookup,
  parseSession,
  type SessionRecord,
  safetyNumber,
  serializeSenderKey,
  serializeSession,
  verify,
} from './index.ts';
import { noblePlatform, webCryptoPlatform } from './platform.ts';
import {
  decodePreKeySignalMessage,
  decodeSenderKeyMessage,
  decodeSignalMessage,
  encodePreKeySignalMessage,
  encodeSenderKeyMessage,
  encodeSignalMessage,
} from './wire.ts';

const hex = hexToBytes;
const reason = (value: string) => expect.objectContaining({ name: 'SignalError', reason: value });

type Receiver = (typeof x3dhVectors)[number]['receiver'] & { kyberPreKeyId?: number; kyberSecret?: string };

function lookup(receiver: Receiver): PreKeyLookup {
  const pair = (key: string | undefined) => (key === undefined ? undefined : keyPairFromPrivate(hex(key)));
  return {
    signed: async (id) => (id === receiver.signedPreKeyId ? pair(receiver.signedPreKeyPrivate) : undefined),
    oneTime: async (id) =>
      id === receiver.oneTimePreKeyId ? pair(receiver.oneTimePreKeyPrivate) : undefined,
    kyber: async (id) =>
      id === receiver.kyberPreKeyId && receiver.kyberSecret
        ? { secretKey: hex(receiver.kyberSecret) }
        : undefined,
  };
}

const local = (receiver: Receiver) => ({
  identity: keyPairFromPrivate(hex(receiver.identityPrivate)),
  registrationId: receiver.registrationId,
});

describe.each(
  [...x3dhVectors, ...pqxdhVectors].map((vector) => ({ ...vector, receiver: vector.receiver as Receiver })),
)(
  'a libsignal $libsignal sender after $handshake, one-time prekey $receiver.oneTimePreKeyId',
  ({ receiver, sender, messages, version }) => {
    const read = (record: SessionRecord | undefined, bytes: string) =>
      decrypt(record, local(receiver), lookup(receiver), hex(bytes));

    test('the keys of the vector are ours', () => {
      expect(toBase64(local(receiver).identity.publicKey)).toBe(toBase64(hex(receiver.identityPublic)));
    });

    test.each([
      ['in order', [1, 2, 3, 4, 5]],
      ['backwards', [5, 4, 3, 2, 1]],
      ['mixed', [3, 1, 5, 2, 4]],
    ])('the first message, then the others %s', async (_, order) => {
      let record: SessionRecord | undefined;
      for (const index of [0, ...order]) {
        const { bytes, plaintext } = messages[index]!;
        const opened = await read(record, bytes);
        expect(opened.plaintext).toEqual(utf8(plaintext));
        expect(opened.senderIdentity).toEqual(hex(sender.identityKey));
        const consumed = {
          ...(receiver.oneTimePreKeyId !== undefined && { oneTimePreKeyId: receiver.oneTimePreKeyId }),
          ...(receiver.kyberPreKeyId !== undefined && { kyberPreKeyId: receiver.kyberPreKeyId }),
        };
        expect(opened.consumed).toEqual(index === 0 ? consumed : undefined);
        record = parseSession(serializeSession(opened.record));
      }
      const before = serializeSession(record!);
      for (const { bytes } of messages)
        await expect(read(record, bytes)).rejects.toEqual(reason('duplicate-message'));
      expect(serializeSession(record!)).toEqual(before);
    });

    test('the wire fields are those of the vector', () => {
      for (const [index, { bytes }] of messages.entries()) {
        const outer = decodePreKeySignalMessage(hex(bytes));
        expect(outer).toMatchObject({
          version,
          signedPreKeyId: receiver.signedPreKeyId,
          identityKey: hex(sender.identityKey),
        });
        expect(outer.preKeyId).toBe(receiver.oneTimePreKeyId);
        expect(decodeSignalMessage(outer.message)).toMatchObject({
          version,
          counter: index,
          previousCounter: 0,
        });
        // We would have written the same.
        expect(encodePreKeySignalMessage(outer)).toEqual(hex(bytes));
        const inner = decodeSignalMessage(outer.message);
        expect(encodeSignalMessage(inner)).toEqual(inner.signed);
      }
    });

    test('another signed prekey or another identity key opens nothing', async () => {
      const { bytes } = messages[0]!;
      const other = keyPairFromPrivate(new Uint8Array(32).fill(7));
      const keys = { ...lookup(receiver), signed: async () => other };
      await expect(decrypt(undefined, local(receiver), keys, hex(bytes))).rejects.toEqual(reason('bad-mac'));
      const stranger = { ...local(receiver), identity: other };
      await expect(decrypt(undefined, stranger, lookup(receiver), hex(bytes))).rejects.toEqual(
        reason('bad-mac'),
      );
    });
  },
);

describe.each(senderKeyVectors)(
  'sender chain of libsignal $libsignal',
  ({ distributionId, distributionMessage, messages }) => {
    test.each([
      ['in order', [0, 1, 2, 3, 4, 5, 6, 7]],
      ['backwards', [7, 6, 5, 4, 3, 2, 1, 0]],
      ['mixed', [3, 0, 7, 1, 6, 2, 5, 4]],
    ])('reads its messages %s, each once', async (_, order) => {
      let state = acceptDistribution(hex(distributionMessage));
      expect(state.distributionId).toBe(distributionId);
      for (const index of order) {
        const opened = await decryptGroup(state, hex(messages[index]!.bytes));
        expect(opened.plaintext).toEqual(utf8(messages[index]!.plaintext));
        state = opened.state;
      }
      const before = serializeSenderKey(state);
      for (const { bytes } of messages)
        await expect(decryptGroup(state, hex(bytes))).rejects.toEqual(reason('duplicate-message'));
      expect(serializeSenderKey(state)).toEqual(before);
    });

    test('is written in the same bytes', () => {
      expect(distributionOf(acceptDistribution(hex(distributionMessage)))).toEqual(hex(distributionMessage));
      for (const { bytes } of messages) {
        const message = decodeSenderKeyMessage(hex(bytes));
        expect(encodeSenderKeyMessage(message)).toEqual(message.signed);
      }
    });

    test('refuses a message with any byte changed', async () => {
      const state = acceptDistribution(hex(distributionMessage));
      const bytes = hex(messages[0]!.bytes);
      for (let at = 0; at < bytes.length; at++) {
        const altered = Uint8Array.from(bytes);
        altered[at]! ^= 1;
        await expect(decryptGroup(state, altered), `byte ${at}`).rejects.toMatchObject({
          name: 'SignalError',
        });
      }
    });
  },
);

describe.each([
  ['WebCrypto', webCryptoPlatform(crypto.subtle)],
  ['JavaScript', noblePlatform],
])('XEdDSA signatures of libsignal, verified by %s', (_, platform) => {
  test('all of them, and no altered one', { timeout: 30_000 }, async () => {
    for (const [index, { publicKey, message, signature }] of xeddsaVectors.entries()) {
      const check = (altered: Uint8Array) => verifyOn(hex(publicKey), hex(message), altered, platform);
      expect(await check(hex(signature)), `signature ${index}`).toBe(true);
      // Every bit takes its turn over the 60 vectors, the sign bit of the key among them.
      for (let bit = index; bit < 512; bit += xeddsaVectors.length) {
        const altered = hex(signature);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        expect(await check(altered), `signature ${index}, bit ${bit}`).toBe(false);
      }
    }
  });
});

test('a signature of libsignal does not hold for another message', async () => {
  for (const { publicKey, message, signature } of xeddsaVectors)
    expect(await verify(hex(publicKey), hex(`${message}00`), hex(signature))).toBe(false);
});

test.each(safetyNumberVectors)('safety number $displayable', (vector) => {
  const local = { id: hex(vector.localId), identityKey: hex(vector.localKey) };
  const remote = { id: hex(vector.remoteId), identityKey: hex(vector.remoteKey) };
  const number = safetyNumber(local, remote);
  expect(number.displayable).toBe(vector.displayable);
  expect(number.scannable).toEqual(hex(vector.scannable));
  expect(matchesScanned(safetyNumber(remote, local), hex(vector.scannable))).toBe(true);
});
