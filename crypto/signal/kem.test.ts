import { describe, expect, test } from 'vitest';
import { generateKeyPair, verify } from './curve.ts';
import { decapsulate, encapsulate, generateKemKeyPair } from './kem.ts';
import { generateKyberPreKey, generateOneTimePreKeys, generateSignedPreKey } from './prekeys.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });

describe('Kyber-1024', () => {
  const pair = generateKemKeyPair();

  test('both sides get the same secret, a new one each time', () => {
    const one = encapsulate(pair.publicKey);
    const two = encapsulate(pair.publicKey);
    expect(one.sharedSecret).toHaveLength(32);
    expect(decapsulate(pair.secretKey, one.ciphertext)).toEqual(one.sharedSecret);
    expect(decapsulate(pair.secretKey, two.ciphertext)).toEqual(two.sharedSecret);
    expect(one.sharedSecret).not.toEqual(two.sharedSecret);
  });

  test('sizes and type bytes are those of the wire', () => {
    const { ciphertext } = encapsulate(pair.publicKey);
    expect([pair.publicKey, pair.secretKey, ciphertext].map(({ length }) => length)).toEqual([
      1569, 3169, 1569,
    ]);
    expect([pair.publicKey, pair.secretKey, ciphertext].map(([type]) => type)).toEqual([8, 8, 8]);
  });

  test('an altered ciphertext gives another secret', () => {
    const { ciphertext, sharedSecret } = encapsulate(pair.publicKey);
    expect(decapsulate(pair.secretKey, ciphertext.with(700, ciphertext[700]! ^ 1))).not.toEqual(sharedSecret);
  });

  test('bytes of another type or length are refused', () => {
    const { ciphertext } = encapsulate(pair.publicKey);
    expect(() => decapsulate(pair.secretKey, ciphertext.with(0, 5))).toThrow(refused('malformed'));
    expect(() => decapsulate(pair.secretKey, ciphertext.subarray(0, 1568))).toThrow(refused('malformed'));
    expect(() => decapsulate(pair.secretKey.subarray(1), ciphertext)).toThrow(refused('malformed'));
    expect(() => encapsulate(pair.publicKey.with(0, 5))).toThrow(refused('malformed'));
  });

  test('a public key that is not reduced is refused (FIPS 203, section 7.2)', () => {
    expect(() => encapsulate(pair.publicKey.with(1, 0xff).with(2, 0xff))).toThrow(refused('malformed'));
  });
});

test('prekeys are numbered as asked, different, and signed by the identity key', async () => {
  const identity = generateKeyPair();
  const signed = generateSignedPreKey(identity, 9);
  expect(signed.id).toBe(9);
  expect(await verify(identity.publicKey, signed.keyPair.publicKey, signed.signature)).toBe(true);
  const kyber = generateKyberPreKey(identity, 10);
  expect(kyber.id).toBe(10);
  expect(await verify(identity.publicKey, kyber.publicKey, kyber.signature)).toBe(true);
  const oneTime = generateOneTimePreKeys(11, 5);
  expect(oneTime.map(({ id }) => id)).toEqual([11, 12, 13, 14, 15]);
  expect(new Set(oneTime.map(({ keyPair }) => keyPair.publicKey.toString())).size).toBe(5);
});
