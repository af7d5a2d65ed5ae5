import { createHash } from 'node:crypto';
import { shake256 } from '@noble/hashes/sha3.js';
import { hexToBytes as hex } from '@noble/hashes/utils.js';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, test } from 'vitest';
import { concat, equalBytes } from '../../protocol/bytes.ts';
import cbcVectors from '../vectors/wycheproof/aes-256-cbc.json' with { type: 'json' };
import ed25519Vectors from '../vectors/wycheproof/ed25519.json' with { type: 'json' };
import hkdfVectors from '../vectors/wycheproof/hkdf-sha256.json' with { type: 'json' };
import hmacVectors from '../vectors/wycheproof/hmac-sha256.json' with { type: 'json' };
import kemVectors from '../vectors/wycheproof/ml-kem-1024.json' with { type: 'json' };
import badKemKeys from '../vectors/wycheproof/ml-kem-1024-bad-keys.json' with { type: 'json' };
import decapsVectors from '../vectors/wycheproof/ml-kem-1024-decaps.json' with { type: 'json' };
import x25519Vectors from '../vectors/wycheproof/x25519.json' with { type: 'json' };
import { agree } from './curve.ts';
import { decapsulate, encapsulate } from './kem.ts';
import { decryptCbc, encryptCbc, hkdfSha256, hmacSha256 } from './primitives.ts';
import { kems, platforms } from './testing/platforms.ts';

const refused = (reason: string) => expect.objectContaining({ name: 'SignalError', reason });
const typed = (type: number, bytes: Uint8Array) => concat(Uint8Array.of(type), bytes);

describe.each(platforms)('Wycheproof, by %s', (_, on) => {
  test('X25519: every secret, and none from a point of small order', { timeout: 30_000 }, async () => {
    let forbidden = 0;
    for (const { id, private: privateKey, public: u, shared } of x25519Vectors) {
      const secret = agree(hex(privateKey), typed(5, hex(u)), on);
      if (/^0+$/.test(shared)) {
        forbidden++;
        await expect(secret, `test ${id}`).rejects.toEqual(refused('low-order-key'));
      } else expect(await secret, `test ${id}`).toEqual(hex(shared));
    }
    expect(forbidden).toBe(31);
  });

  test('Ed25519: every signature that holds, and no other', { timeout: 30_000 }, async () => {
    for (const { id, key, message, signature, valid } of ed25519Vectors)
      expect(await on.verifyEd25519(hex(key), hex(message), hex(signature)), `test ${id}`).toBe(valid);
  });

  test('AES-256-CBC with PKCS#7: both ways, and no wrong padding', async () => {
    for (const { id, key, iv, plaintext, ciphertext, valid } of cbcVectors) {
      const opened = decryptCbc(hex(key), hex(iv), hex(ciphertext), on);
      if (valid) {
        expect(await opened, `test ${id}`).toEqual(hex(plaintext));
        for (const sealed of [
          on.encryptCbc(hex(key), hex(iv), hex(plaintext)),
          encryptCbc(hex(key), hex(iv), hex(plaintext)),
        ])
          expect(await sealed, `test ${id}`).toEqual(hex(ciphertext));
      } else await expect(opened, `test ${id}`).rejects.toEqual(refused('malformed'));
    }
  });

  test('HKDF-SHA256: every key, and none that is too long', async () => {
    for (const { id, ikm, salt, info, size, okm, valid } of hkdfVectors) {
      const derived = on.hkdfSha256(hex(ikm), hex(salt), hex(info), size);
      if (valid) {
        expect(await derived, `test ${id}`).toEqual(hex(okm));
        expect(hkdfSha256(hex(ikm), hex(salt), hex(info), size), `test ${id}`).toEqual(hex(okm));
      } else await expect(derived, `test ${id}`).rejects.toThrow();
    }
  });

  test('HMAC-SHA256: every tag, whole and truncated, and no other', async () => {
    for (const { id, key, message, tag, valid } of hmacVectors) {
      const made = [await on.hmacSha256(hex(key), hex(message)), hmacSha256(hex(key), hex(message))];
      for (const each of made)
        expect(equalBytes(each.subarray(0, tag.length / 2), hex(tag)), `test ${id}`).toBe(valid);
    }
  });
});

// PQXDH wants Kyber of round 3, whose secret is one hash further than the vector's.
const roundThree = (secret: string, ciphertext: Uint8Array) =>
  shake256(concat(hex(secret), createHash('sha3-256').update(ciphertext).digest()), { dkLen: 32 });

describe.each(kems)('Wycheproof, Kyber-1024 by %s', (_, on) => {
  test('what comes out of a ciphertext, altered ones and rare keys among them', async () => {
    for (const { id, seed, ciphertext, secret } of kemVectors) {
      const { secretKey } = ml_kem1024.keygen(hex(seed));
      const sent = typed(8, hex(ciphertext));
      const expected = roundThree(secret, hex(ciphertext));
      expect(await decapsulate(typed(8, hex(seed)), sent, on), `test ${id}`).toEqual(expected);
      expect(await decapsulate(typed(8, secretKey), sent, on), `test ${id}, expanded`).toEqual(expected);
    }
  });

  test('damaged expanded keys and ciphertexts of a wrong length open nothing', async () => {
    for (const { id, secretKey, ciphertext, secret, valid } of decapsVectors) {
      const opened = decapsulate(typed(8, hex(secretKey)), typed(8, hex(ciphertext)), on);
      if (valid) expect(await opened, `test ${id}`).toEqual(roundThree(secret, hex(ciphertext)));
      else await expect(opened, `test ${id}`).rejects.toEqual(refused('malformed'));
    }
  });

  test('public keys that are not reduced, too short or too long are refused', async () => {
    for (const { id, publicKey } of badKemKeys)
      await expect(encapsulate(typed(8, hex(publicKey)), on), `test ${id}`).rejects.toEqual(
        refused('malformed'),
      );
  });
});
