import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { concat, toBase64, utf8 } from '../../protocol/bytes.ts';
import {
  agree,
  checkPublicKey,
  freshKeyPair,
  generateKeyPair,
  keyPairFromPrivate,
  sign,
  verify,
} from './curve.ts';
import { detectPlatform, noblePlatform, type Platform, platform } from './platform.ts';
import { type NodeCrypto, nodeCrypto } from './platform-node.ts';
import { drawn } from './testing/memory.ts';
import { platforms } from './testing/platforms.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });
const encoded = (u: Uint8Array) => concat(Uint8Array.of(5), u);
const prime = ed25519.Point.Fp.ORDER;

/** Every spelling of every point of small order: reduced or not, with the bit that X25519 ignores or without. */
function lowOrderKeys(): Uint8Array[] {
  const torsion = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
  const values = new Set([0n, prime - 1n]);
  // u = (1 + y) / (1 - y); the neutral point has none, and stands as u = 0.
  for (let point = torsion; !point.is0(); point = point.add(torsion)) {
    const { y } = point.toAffine();
    const { Fp } = ed25519.Point;
    values.add(Fp.div(Fp.add(1n, y), Fp.sub(1n, y)));
  }
  const keys: Uint8Array[] = [];
  for (const value of values)
    for (const spelling of [value, value + prime])
      if (spelling < 1n << 255n) {
        const u = numberToBytesLE(spelling, 32);
        keys.push(encoded(u));
        keys.push(encoded(u.with(31, u[31]! | 128)));
      }
  return keys;
}

describe.each(platforms)('by %s', (_, on) => {
  test('the example of RFC 7748 section 5.2', async () => {
    const scalar = hexToBytes('4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d');
    const u = hexToBytes('e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a413');
    const product = hexToBytes('95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957');
    expect(await agree(scalar, encoded(u), on)).toEqual(product);
  });

  test('both sides agree', async () => {
    const [ana, ben] = [generateKeyPair(), generateKeyPair()];
    const secret = await agree(ana.privateKey, ben.publicKey, on);
    expect(secret).toHaveLength(32);
    expect(secret).toEqual(await agree(ben.privateKey, ana.publicKey, on));
  });

  test('fresh pairs differ, are clamped, and agree and sign like any other', async () => {
    const pairs = [await freshKeyPair(on), await freshKeyPair(on)] as const;
    for (const pair of pairs) {
      expect(keyPairFromPrivate(pair.privateKey)).toEqual(pair);
      const signature = sign(pair.privateKey, utf8('hello'));
      expect(await verify(pair.publicKey, utf8('hello'), signature, on)).toBe(true);
    }
    const [ana, ben] = pairs;
    expect(ana.privateKey).not.toEqual(ben.privateKey);
    expect(await agree(ana.privateKey, ben.publicKey, on)).toEqual(
      await agree(ben.privateKey, ana.publicKey, noblePlatform),
    );
  });

  test('no key of small order is agreed with, in any spelling, and no signature holds for it', async () => {
    const { privateKey } = generateKeyPair();
    const keys = lowOrderKeys();
    expect(keys.length).toBeGreaterThanOrEqual(12);
    for (const key of keys) {
      await expect(agree(privateKey, key, on)).rejects.toEqual(refused('low-order-key'));
      // R neutral and s = 0 satisfy the equation for a neutral key and any message, where nobody forbids it.
      const forged = new Uint8Array(64).with(0, 1);
      expect(await verify(key, utf8('anything'), forged, on)).toBe(false);
      expect(await verify(key, utf8('anything'), forged.with(63, 0x80), on)).toBe(false);
    }
  });

  test('a signature holds for its key and message alone', async () => {
    const signs = new Set<number>();
    for (let i = 1; i <= 6; i++) {
      const { privateKey, publicKey } = keyPairFromPrivate(new Uint8Array(32).fill(i));
      const signature = sign(privateKey, utf8('hello'));
      signs.add(signature[63]! & 0x80);
      expect(await verify(publicKey, utf8('hello'), signature, on)).toBe(true);
      expect(await verify(publicKey, utf8('hullo'), signature, on)).toBe(false);
      expect(await verify(generateKeyPair().publicKey, utf8('hello'), signature, on)).toBe(false);
      expect(await verify(publicKey, utf8('hello'), signature.with(63, signature[63]! ^ 0x80), on)).toBe(
        false,
      );
    }
    // Among these keys are some whose Edwards form is positive, and some where it is negative.
    expect(signs.size).toBe(2);
  });

  test('a signature with s not reduced, a short one or a key of another type does not hold', async () => {
    const { privateKey, publicKey } = generateKeyPair();
    const signature = sign(privateKey, utf8('hello'));
    const sign255 = signature[63]! & 0x80;
    let s = 0n;
    for (let i = 31; i >= 0; i--)
      s = s * 256n + BigInt(i === 31 ? signature[63]! & 0x7f : signature[32 + i]!);
    const larger = numberToBytesLE(s + ed25519.Point.Fn.ORDER, 32);
    larger[31]! |= sign255;
    expect(await verify(publicKey, utf8('hello'), concat(signature.subarray(0, 32), larger), on)).toBe(false);
    expect(await verify(publicKey, utf8('hello'), signature.subarray(0, 63), on)).toBe(false);
    expect(await verify(publicKey.with(0, 6), utf8('hello'), signature, on)).toBe(false);
    expect(await verify(publicKey.subarray(1), utf8('hello'), signature, on)).toBe(false);
    expect(await verify(concat(publicKey, Uint8Array.of(0)), utf8('hello'), signature, on)).toBe(false);
  });

  test('a key signs by its one spelling alone', async () => {
    // The base point's: u = 9 is also written 9 + p.
    const signature = sign(new Uint8Array(32).with(0, 1), utf8('hello'));
    expect(await verify(encoded(numberToBytesLE(9n, 32)), utf8('hello'), signature, on)).toBe(true);
    expect(await verify(encoded(numberToBytesLE(9n + prime, 32)), utf8('hello'), signature, on)).toBe(false);
  });
});

test('the all-zero secret is refused even if a platform lets it pass', async () => {
  const careless: Platform = { ...noblePlatform, diffieHellman: async () => new Uint8Array(32) };
  const { privateKey, publicKey } = generateKeyPair();
  await expect(agree(privateKey, publicKey, careless)).rejects.toEqual(refused('low-order-key'));
});

test('two signatures of one message differ, so that a fault in one gives no key away', () => {
  const { privateKey } = generateKeyPair();
  expect(sign(privateKey, utf8('hello'))).not.toEqual(sign(privateKey, utf8('hello')));
});

test('the commitment of a signature is the one that XEdDSA says (section 2.3), of 64 random bytes', async () => {
  const { Point } = ed25519;
  const { privateKey } = generateKeyPair();
  const message = utf8('hello');
  const { result, random } = await drawn(() => sign(privateKey, message));
  // noble draws a little for itself too.
  const z = hexToBytes(random.find((each) => each.length > 64)!);
  expect(z).toHaveLength(64);
  const prefix = new Uint8Array(32).fill(0xff).with(0, 0xfe);
  const r = Point.Fn.create(bytesToNumberLE(sha512(concat(prefix, privateKey, message, z))));
  expect(result.slice(0, 32)).toEqual(Point.BASE.multiply(r).toBytes());
});

test('private keys are clamped copies of 32 bytes', () => {
  const given = new Uint8Array(32).fill(0xff);
  const { privateKey } = keyPairFromPrivate(given);
  expect([privateKey[0], privateKey[31]]).toEqual([0xf8, 0x7f]);
  expect(given[0]).toBe(0xff);
  for (const length of [31, 33])
    expect(() => keyPairFromPrivate(new Uint8Array(length))).toThrow(
      new RangeError('a private key has 32 bytes'),
    );
});

test('what is no public key is refused', () => {
  const { publicKey } = generateKeyPair();
  for (const bad of [
    publicKey.subarray(1),
    publicKey.with(0, 4),
    concat(publicKey, Uint8Array.of(0)),
    new Uint8Array(0),
  ])
    expect(() => checkPublicKey(bad)).toThrow(refused('malformed'));
});

describe('finding the platform', () => {
  test('this one has all operations of its own', async () => {
    const found = await platform();
    expect(found.generateX25519).not.toBe(noblePlatform.generateX25519);
    expect(found.diffieHellman).not.toBe(noblePlatform.diffieHellman);
    expect(found.verifyEd25519).not.toBe(noblePlatform.verifyEd25519);
  });

  test('without WebCrypto everything is done in JavaScript', async () => {
    expect(await detectPlatform(undefined)).toEqual(noblePlatform);
  });

  test('a WebCrypto that lacks one curve, or computes it wrongly, is used for the other alone', async () => {
    const lacking = (missing: string) =>
      new Proxy(crypto.subtle, {
        get: (target, name) =>
          name === 'importKey'
            ? (...args: Parameters<SubtleCrypto['importKey']>) =>
                args[2] === missing
                  ? Promise.reject(new Error('NotSupportedError'))
                  : target.importKey(...args)
            : Reflect.get(target, name).bind(target),
      });
    const noX25519 = await detectPlatform(lacking('X25519'));
    expect(noX25519.diffieHellman).toBe(noblePlatform.diffieHellman);
    expect(noX25519.generateX25519).toBe(noblePlatform.generateX25519);
    expect(noX25519.verifyEd25519).not.toBe(noblePlatform.verifyEd25519);
    const noEd25519 = await detectPlatform(lacking('Ed25519'));
    expect(noEd25519.diffieHellman).not.toBe(noblePlatform.diffieHellman);
    expect(noEd25519.verifyEd25519).toBe(noblePlatform.verifyEd25519);
    const { privateKey, publicKey } = generateKeyPair();
    expect(await verify(publicKey, utf8('hello'), sign(privateKey, utf8('hello')), noEd25519)).toBe(true);
  });

  test("Node's own functions go before its WebCrypto, each as long as it computes rightly", async () => {
    const node = nodeCrypto()!;
    const withOther = (name: keyof NodeCrypto, other: unknown) =>
      new Proxy(node, { get: (target, asked) => (asked === name ? other : Reflect.get(target, asked)) });
    const { privateKey, publicKey } = generateKeyPair();
    const secret = await agree(privateKey, publicKey, noblePlatform);

    let asked = 0;
    const counted: NodeCrypto['diffieHellman'] = (keys) => {
      asked++;
      return node.diffieHellman(keys);
    };
    const found = await detectPlatform(crypto.subtle, withOther('diffieHellman', counted));
    expect(asked).toBe(1);
    expect(await agree(privateKey, publicKey, found)).toEqual(secret);
    expect(asked).toBe(2);

    for (const wrong of [() => new Uint8Array(32), undefined]) {
      const other = await detectPlatform(crypto.subtle, withOther('diffieHellman', wrong));
      expect(other.diffieHellman).not.toBe(noblePlatform.diffieHellman);
      expect(await agree(privateKey, publicKey, other)).toEqual(secret);
    }
  });

  test('hashing and AES that a platform computes otherwise are done in JavaScript', async () => {
    const other = (name: 'sign' | 'deriveBits' | 'encrypt' | 'decrypt') =>
      new Proxy(crypto.subtle, {
        get: (target, asked) =>
          asked === name ? async () => new ArrayBuffer(32) : Reflect.get(target, asked).bind(target),
      });
    for (const [asked, name] of [
      ['sign', 'hmacSha256'],
      ['deriveBits', 'hkdfSha256'],
      ['encrypt', 'encryptCbc'],
      ['decrypt', 'decryptCbc'],
    ] as const) {
      expect((await detectPlatform(other(asked)))[name]).toBe(noblePlatform[name]);
      expect((await detectPlatform(crypto.subtle))[name]).not.toBe(noblePlatform[name]);
    }
  });

  test('a WebCrypto that makes no keys, or exports them in a form of its own, is not asked for any', async () => {
    const other = (change: (exported: JsonWebKey) => JsonWebKey) =>
      new Proxy(crypto.subtle, {
        get: (target, name) =>
          name === 'exportKey'
            ? async (_: string, key: CryptoKey) => change(await target.exportKey('jwk', key))
            : Reflect.get(target, name).bind(target),
      });
    const another = toBase64(generateKeyPair().publicKey.subarray(1));
    for (const change of [{ x: another }, { x: another.slice(2) }, { x: '' }]) {
      const wrong = await detectPlatform(other((exported) => ({ ...exported, ...change })));
      expect(wrong.generateX25519).toBe(noblePlatform.generateX25519);
      expect(wrong.diffieHellman).not.toBe(noblePlatform.diffieHellman);
    }
  });
});
