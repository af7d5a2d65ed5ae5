import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, test } from 'vitest';
import { concat } from '../../protocol/bytes.ts';
import { generateKeyPair, verify } from './curve.ts';
import { decapsulate, encapsulate, generateKemKeyPair } from './kem.ts';
import { detectMlKem, mlKem, nobleMlKem } from './ml-kem.ts';
import { generateKyberPreKey, generateOneTimePreKeys, generateSignedPreKey } from './prekeys.ts';
import { kems } from './testing/platforms.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });

describe.each(kems)('Kyber-1024 by %s', (_, on) => {
  const pair = generateKemKeyPair();

  test('both sides get the same secret, a new one each time, whatever the other runs on', async () => {
    const one = await encapsulate(pair.publicKey, on);
    const two = await encapsulate(pair.publicKey, on);
    expect(one.sharedSecret).toHaveLength(32);
    for (const [, other] of kems) {
      expect(await decapsulate(pair.secretKey, one.ciphertext, other)).toEqual(one.sharedSecret);
      expect(await decapsulate(pair.secretKey, two.ciphertext, other)).toEqual(two.sharedSecret);
    }
    expect(one.sharedSecret).not.toEqual(two.sharedSecret);
  });

  test('a secret key that was kept expanded, as older versions did, still opens', async () => {
    const { secretKey } = ml_kem1024.keygen(pair.secretKey.subarray(1));
    const { ciphertext, sharedSecret } = await encapsulate(pair.publicKey, on);
    const kept = concat(Uint8Array.of(8), secretKey);
    expect(kept).toHaveLength(3169);
    expect(await decapsulate(kept, ciphertext, on)).toEqual(sharedSecret);
  });

  test('sizes and type bytes are those of the wire', async () => {
    const { ciphertext } = await encapsulate(pair.publicKey, on);
    expect([pair.publicKey, pair.secretKey, ciphertext].map(({ length }) => length)).toEqual([
      1569, 65, 1569,
    ]);
    expect([pair.publicKey, pair.secretKey, ciphertext].map(([type]) => type)).toEqual([8, 8, 8]);
  });

  test('an altered ciphertext gives another secret', async () => {
    const { ciphertext, sharedSecret } = await encapsulate(pair.publicKey, on);
    const altered = ciphertext.with(700, ciphertext[700]! ^ 1);
    expect(await decapsulate(pair.secretKey, altered, on)).not.toEqual(sharedSecret);
  });

  test('bytes of another type or length are refused', async () => {
    const { ciphertext } = await encapsulate(pair.publicKey, on);
    const size = (what: string, sizes: string) =>
      expect.objectContaining({
        ...{ name: 'SignalError', reason: 'malformed' },
        message: `a Kyber-1024 ${what} must be 08 and ${sizes} bytes`,
      });
    for (const [opened, problem] of [
      [decapsulate(pair.secretKey, ciphertext.with(0, 5), on), size('ciphertext', '1568')],
      [decapsulate(pair.secretKey, ciphertext.subarray(0, 1568), on), size('ciphertext', '1568')],
      [decapsulate(pair.secretKey.subarray(1), ciphertext, on), size('secret key', '64 or 3168')],
      [decapsulate(pair.secretKey.with(0, 5), ciphertext, on), size('secret key', '64 or 3168')],
      [encapsulate(pair.publicKey.with(0, 5), on), size('public key', '1568')],
      [encapsulate(pair.publicKey.subarray(0, 1568), on), size('public key', '1568')],
    ])
      await expect(opened).rejects.toEqual(problem);
  });

  test('a public key that is not reduced is refused (FIPS 203, section 7.2)', async () => {
    const bad = pair.publicKey.with(1, 0xff).with(2, 0xff);
    await expect(encapsulate(bad, on)).rejects.toEqual(refused('malformed'));
  });
});

describe('finding the platform', () => {
  const withOther = (name: 'encapsulateBits' | 'decapsulateBits', other: unknown) =>
    new Proxy(crypto.subtle, {
      get: (target, asked) => (asked === name ? other : Reflect.get(target, asked).bind(target)),
    });

  test('this one has its own ML-KEM', async () => {
    expect(await mlKem()).not.toBe(nobleMlKem);
  });

  test('without WebCrypto, or with one that lacks ML-KEM or computes it otherwise, JavaScript does it', async () => {
    expect(await detectMlKem(undefined)).toBe(nobleMlKem);
    expect(await detectMlKem(withOther('encapsulateBits', undefined))).toBe(nobleMlKem);
    expect(await detectMlKem(withOther('decapsulateBits', async () => new ArrayBuffer(32)))).toBe(nobleMlKem);
    const wrong = { sharedKey: new ArrayBuffer(32), ciphertext: new ArrayBuffer(1568) };
    expect(await detectMlKem(withOther('encapsulateBits', async () => wrong))).toBe(nobleMlKem);
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
