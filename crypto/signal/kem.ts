import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { concat } from '../../protocol/bytes.ts';
import { SignalError } from './errors.ts';
import { type MlKem, mlKem } from './ml-kem.ts';
import { wipe } from './primitives.ts';

/**
 * Kyber-1024 as submitted in round 3, which PQXDH uses, built on the ML-KEM-1024 of FIPS 203. The two share keys and
 * ciphertexts; round 3 derives the secret once more from ML-KEM's and the hash of the ciphertext. Keys and ciphertexts
 * carry the type byte 08.
 */
const keyType = 0x08;
const publicSize = 1568;
const ciphertextSize = 1568;
const seedSize = 64;
const expandedSize = 3168;

/** A Kyber-1024 key pair, both halves with their type byte. */
export interface KemKeyPair {
  /** 1 569 bytes. */
  readonly publicKey: Uint8Array;
  /** 65 bytes: the seed. Keys made by older versions, and libsignal's, have 3 169: all that follows from it. */
  readonly secretKey: Uint8Array;
}

const typed = (bytes: Uint8Array): Uint8Array => concat(Uint8Array.of(keyType), bytes);

function untyped(bytes: Uint8Array, sizes: readonly number[], what: string): Uint8Array {
  if (!sizes.includes(bytes.length - 1) || bytes[0] !== keyType)
    throw new SignalError('malformed', `a Kyber-1024 ${what} must be 08 and ${sizes.join(' or ')} bytes`);
  return bytes.subarray(1);
}

/** A fresh key pair. */
export function generateKemKeyPair(): KemKeyPair {
  const seed = crypto.getRandomValues(new Uint8Array(seedSize));
  const { publicKey, secretKey } = ml_kem1024.keygen(seed);
  const pair = { publicKey: typed(publicKey), secretKey: typed(seed) };
  wipe(secretKey, seed);
  return pair;
}

function roundThreeSecret(mlKemSecret: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const input = concat(mlKemSecret, sha3_256(ciphertext));
  const secret = shake256(input, { dkLen: 32 });
  wipe(input, mlKemSecret);
  return secret;
}

/**
 * A fresh secret (32 bytes) and its ciphertext (1 569 bytes) for the holder of `publicKey`.
 *
 * @throws SignalError `malformed` when the key is none
 */
export async function encapsulate(
  publicKey: Uint8Array,
  on: MlKem | Promise<MlKem> = mlKem(),
): Promise<{ ciphertext: Uint8Array; sharedSecret: Uint8Array }> {
  const raw = untyped(publicKey, [publicSize], 'public key');
  const kem = await on;
  try {
    const { ciphertext, sharedSecret } = await kem.encapsulate(raw);
    return { ciphertext: typed(ciphertext), sharedSecret: roundThreeSecret(sharedSecret, ciphertext) };
  } catch (cause) {
    throw new SignalError('malformed', 'the Kyber-1024 public key is not reduced', { cause });
  }
}

/**
 * The secret (32 bytes) in `ciphertext`. A ciphertext made for another key gives a secret that nobody knows, not an
 * error.
 *
 * @throws SignalError `malformed` when either has a wrong length or type, or an expanded secret key is damaged (FIPS 203,
 *   section 7.3)
 */
export async function decapsulate(
  secretKey: Uint8Array,
  ciphertext: Uint8Array,
  on: MlKem | Promise<MlKem> = mlKem(),
): Promise<Uint8Array> {
  const raw = untyped(ciphertext, [ciphertextSize], 'ciphertext');
  const key = untyped(secretKey, [seedSize, expandedSize], 'secret key');
  const kem = await on;
  try {
    // WebCrypto takes no expanded keys.
    const secret =
      key.length === seedSize ? await kem.decapsulate(key, raw) : ml_kem1024.decapsulate(raw, key);
    return roundThreeSecret(secret, raw);
  } catch (cause) {
    throw new SignalError('malformed', 'the Kyber-1024 secret key is damaged', { cause });
  }
}
