import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../../protocol/bytes.ts';
import { generateKeyPair } from './curve.ts';
import { decodeFields, encodeFields } from './protobuf.ts';
import {
  decodePreKeySignalMessage,
  decodeSenderKeyDistributionMessage,
  decodeSenderKeyMessage,
  decodeSignalMessage,
  encodePreKeySignalMessage,
  encodeSenderKeyDistributionMessage,
  encodeSenderKeyMessage,
  encodeSignalMessage,
  isPreKeySignalMessage,
} from './wire.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });
const key = generateKeyPair().publicKey;
const distributionId = 'd1d1d1d1-7000-11eb-b32a-33b8a8a487a6';

describe('protocol buffers', { timeout: 30_000 }, () => {
  const value = fc.oneof(fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 300 }));
  const fields = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 3000 }), value), {
    selector: ([number]) => number,
  });

  test('what is encoded is decoded, and encodes to the same bytes again', () => {
    fc.assert(
      fc.property(fields, (entries) => {
        const bytes = encodeFields(...entries);
        const decoded = decodeFields(bytes);
        expect([...decoded]).toEqual(
          entries.map(([number, field]) => [
            number,
            typeof field === 'number' ? field : Uint8Array.from(field),
          ]),
        );
        expect(encodeFields(...decoded)).toEqual(bytes);
      }),
    );
  });

  test('any bytes are either the one encoding of what they decode to, or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let decoded: ReturnType<typeof decodeFields>;
        try {
          decoded = decodeFields(bytes);
        } catch (error) {
          expect(error).toEqual(refused('malformed'));
          return;
        }
        expect(encodeFields(...decoded)).toEqual(Uint8Array.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a 64-bit field', '0900000000000000'],
    ['a 32-bit field', '0d00000000'],
    ['a group', '0b0c'],
    ['an unused wire type', '0e00'],
    ['field 0', '0001'],
    ['a field twice', '08010802'],
    ['a number in more bytes than it needs', '088000'],
    ['a number of eleven bytes', '08ffffffffffffffffffff01'],
    ['a number above 32 bits', '088080808010'],
    ['a tag in more bytes than it needs', '880001'],
    ['a number of two hundred bytes', `08${'80'.repeat(200)}01`],
    ['a number that breaks off', '0880'],
    ['a tag without a value', '08'],
    ['bytes that break off', '0a020a'],
    ['a length that breaks off', '0a'],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeFields(hexToBytes(hex))).toThrow(refused('malformed'));
  });

  test('says that a message breaks off in a number', () => {
    for (const hex of ['08', '0880'])
      expect(() => decodeFields(hexToBytes(hex))).toThrow('the message ends in the middle of a field');
  });

  test('takes the largest number that fits', () => {
    expect(encodeFields([1, 0xffff_ffff])).toEqual(hexToBytes('08ffffffff0f'));
    expect([...decodeFields(hexToBytes('08ffffffff0f'))]).toEqual([[1, 0xffff_ffff]]);
  });

  test.each([-1, 1.5, 2 ** 32, Number.NaN])('does not encode %s', (number) => {
    expect(() => encodeFields([1, number])).toThrow(RangeError);
  });
});

describe('messages', { timeout: 30_000 }, () => {
  const signal = {
    version: 4,
    ratchetKey: key,
    counter: 300,
    previousCounter: 0,
    ciphertext: Uint8Array.of(1, 2),
  } as const;
  const mac = new Uint8Array(8).fill(9);
  const preKey = {
    version: 4,
    registrationId: 5,
    preKeyId: 0,
    signedPreKeyId: 7,
    kyber: { preKeyId: 8, ciphertext: Uint8Array.of(8, 8) },
    baseKey: key,
    identityKey: key,
    message: Uint8Array.of(1, 2, 3),
  } as const;
  const room = { distributionId, chainId: 0x7fff_ffff, iteration: 0, ciphertext: Uint8Array.of(1) };
  const chain = {
    distributionId,
    chainId: 1,
    iteration: 2,
    chainKey: new Uint8Array(32).fill(3),
    signingKey: key,
  };

  test('are read as they were written', () => {
    const signed = encodeSignalMessage(signal);
    expect(decodeSignalMessage(concat(signed, mac))).toEqual({ ...signal, signed, mac });
    expect(decodePreKeySignalMessage(encodePreKeySignalMessage(preKey))).toStrictEqual(preKey);
    const { preKeyId, kyber, ...x3dh } = { ...preKey, version: 3 as const };
    expect(decodePreKeySignalMessage(encodePreKeySignalMessage(x3dh))).toStrictEqual(x3dh);
    const { preKeyId: _, ...without } = preKey;
    expect(decodePreKeySignalMessage(encodePreKeySignalMessage(without))).toStrictEqual(without);
    const sealed = encodeSenderKeyMessage(room);
    const signature = new Uint8Array(64).fill(1);
    expect(decodeSenderKeyMessage(concat(sealed, signature))).toEqual({ ...room, signed: sealed, signature });
    expect(decodeSenderKeyDistributionMessage(encodeSenderKeyDistributionMessage(chain))).toEqual(chain);
  });

  test('of nothing at all are refused', () => {
    for (const read of [
      decodeSignalMessage,
      decodePreKeySignalMessage,
      decodeSenderKeyMessage,
      decodeSenderKeyDistributionMessage,
    ])
      expect(() => read(new Uint8Array(0))).toThrow(refused('malformed'));
  });

  test('with a key of small order in any of its places are refused', () => {
    const weak = concat(Uint8Array.of(5), new Uint8Array(32));
    for (const read of [
      () => decodeSignalMessage(concat(encodeSignalMessage({ ...signal, ratchetKey: weak }), mac)),
      () => decodePreKeySignalMessage(encodePreKeySignalMessage({ ...preKey, baseKey: weak })),
      () => decodePreKeySignalMessage(encodePreKeySignalMessage({ ...preKey, identityKey: weak })),
      () =>
        decodeSenderKeyDistributionMessage(
          encodeSenderKeyDistributionMessage({ ...chain, signingKey: weak }),
        ),
    ])
      expect(read).toThrow(refused('low-order-key'));
  });

  test('a room message shorter than its signature is refused, whatever it says', () => {
    const sealed = encodeSenderKeyMessage({ ...room, ciphertext: new Uint8Array(33) });
    expect(sealed).toHaveLength(62);
    for (const bytes of [sealed, concat(sealed, new Uint8Array(1))])
      expect(() => decodeSenderKeyMessage(bytes)).toThrow(refused('malformed'));
  });

  test('an id of a chain that is no UUID is refused', () => {
    for (const length of [15, 17]) {
      const fields = encodeFields([1, new Uint8Array(length)], [2, 1], [3, 0], [4, new Uint8Array(16)]);
      const bytes = concat(Uint8Array.of(0x33), fields, new Uint8Array(64));
      expect(() => decodeSenderKeyMessage(bytes)).toThrow(refused('malformed'));
    }
  });

  test('the two pairwise kinds are told apart', () => {
    const { preKeyId, ...without } = preKey;
    expect(isPreKeySignalMessage(concat(encodeSignalMessage(signal), mac))).toBe(false);
    expect(isPreKeySignalMessage(encodePreKeySignalMessage(preKey))).toBe(true);
    expect(isPreKeySignalMessage(encodePreKeySignalMessage(without))).toBe(true);
  });

  test('fields that later versions may add are passed over', () => {
    const later = concat(
      encodeSignalMessage(signal),
      encodeFields([5, Uint8Array.of(1)], [6, Uint8Array.of(2)]),
    );
    expect(decodeSignalMessage(concat(later, mac))).toMatchObject(signal);
  });

  test.each([
    ['a ratchet key', [2, 300], [3, 0], [4, mac]],
    ['a counter', [1, key], [3, 0], [4, mac]],
    ['a previous counter', [1, key], [2, 300], [4, mac]],
    ['a ciphertext', [1, key], [2, 300], [3, 0]],
  ] as [string, ...[number, number | Uint8Array][]][])(
    'a SignalMessage without %s is refused',
    (_, ...fields) => {
      const bytes = concat(Uint8Array.of(0x44), encodeFields(...fields), mac);
      expect(() => decodeSignalMessage(bytes)).toThrow(refused('malformed'));
    },
  );

  test('a field of the wrong type, a key of the wrong length and bytes left over are refused', () => {
    const message = (...fields: [number, number | Uint8Array][]) =>
      concat(Uint8Array.of(0x44), encodeFields(...fields), mac);
    expect(() => decodeSignalMessage(message([1, 5], [2, 1], [3, 0], [4, mac]))).toThrow(
      refused('malformed'),
    );
    expect(() => decodeSignalMessage(message([1, key], [2, mac], [3, 0], [4, mac]))).toThrow(
      refused('malformed'),
    );
    expect(() => decodeSignalMessage(message([1, key], [2, 1], [3, 0], [4, 7]))).toThrow(
      refused('malformed'),
    );
    expect(() => decodeSignalMessage(message([1, key.subarray(1)], [2, 1], [3, 0], [4, mac]))).toThrow(
      refused('malformed'),
    );
    expect(() => decodeSignalMessage(concat(encodeSignalMessage(signal), mac, mac))).toThrow(
      refused('malformed'),
    );
    expect(() => decodePreKeySignalMessage(concat(encodePreKeySignalMessage(preKey), mac))).toThrow(
      refused('malformed'),
    );
  });

  test.each([
    ['version 4 without either', 0x44, []],
    ['version 4 with the id alone', 0x44, [7]],
    ['version 4 with the ciphertext alone', 0x44, [8]],
    ['version 3 with the id', 0x34, [7]],
    ['version 3 with the ciphertext', 0x34, [8]],
    ['version 3 with both', 0x34, [7, 8]],
  ])('Kyber fields must fit the handshake: %s is refused', (_, version, kept) => {
    const fields = [...decodeFields(encodePreKeySignalMessage(preKey).subarray(1))];
    const bytes = encodeFields(...fields.filter(([number]) => number < 7 || kept.includes(number)));
    expect(() => decodePreKeySignalMessage(concat(Uint8Array.of(version), bytes))).toThrow(
      refused('malformed'),
    );
  });

  test('other versions are refused', () => {
    for (const version of [0x00, 0x33, 0x43, 0x45, 0x54]) {
      expect(() => decodeSignalMessage(concat(encodeSignalMessage(signal), mac).with(0, version))).toThrow(
        refused('unsupported-version'),
      );
      expect(() => decodePreKeySignalMessage(encodePreKeySignalMessage(preKey).with(0, version))).toThrow(
        refused('unsupported-version'),
      );
    }
    const sealed = concat(encodeSenderKeyMessage(room), new Uint8Array(64));
    expect(() => decodeSenderKeyMessage(sealed.with(0, 0x34))).toThrow(refused('unsupported-version'));
    const distribution = encodeSenderKeyDistributionMessage(chain);
    expect(() => decodeSenderKeyDistributionMessage(distribution.with(0, 0x44))).toThrow(
      refused('unsupported-version'),
    );
  });

  test('a distribution with a short chain key is refused', () => {
    const bytes = encodeSenderKeyDistributionMessage({ ...chain, chainKey: new Uint8Array(31) });
    expect(() => decodeSenderKeyDistributionMessage(bytes)).toThrow(refused('malformed'));
  });

  test('whatever bytes come, readers give a message or a SignalError', () => {
    const readers = [
      decodeSignalMessage,
      decodePreKeySignalMessage,
      decodeSenderKeyMessage,
      decodeSenderKeyDistributionMessage,
    ];
    const version = fc.constantFrom(0x33, 0x34, 0x44);
    fc.assert(
      fc.property(version, fc.uint8Array({ maxLength: 200 }), (first, rest) => {
        for (const read of readers)
          for (const bytes of [concat(Uint8Array.of(first), rest), rest])
            try {
              read(bytes);
            } catch (error) {
              expect(error).toMatchObject({ name: 'SignalError' });
            }
      }),
    );
  });
});
