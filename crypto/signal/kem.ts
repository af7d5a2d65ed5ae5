import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { concat } from '../../protocol/bytes.ts';
import { SignalError } from './errors.ts';
import { wipe } from './primitives.ts';

/**
 * Kyber-1024 as submitted in round 3, which PQXDH uses, built on the ML-KEM-1024 of FIPS 203. The two share keys and
 * ciphertexts; round 3 derives the secret once more from ML-KEM's and the hash of the ciphertext. Keys and ciphertexts
 * carry the type byte 08.
 */
const keyType = 0x08;

const {
  publicKey: publicSize,
  secretKey: secretSize,
  cipherText: ciphertextSize,
} = ml_kem1024.lengths as {
  readonly publicKey: number;
  readonly secretKey: number;
  readonly cipherText: number;
};

/** A Kyber-1024 key pair, both halves with their type byte. */
export interface KemKeyPair {
  /** 1 569 bytes. */
  readonly publicKey: Uint8Array;
  /** 3 169 bytes. */
  readonly secretKey: Uint8Array;
}

const typed = (bytes: Uint8Array): Uint8Array => concat(Uint8Array.of(keyType), bytes);

function untyped(bytes: Uint8Array, size: number, what: string): Uint8Array {
  if (bytes.length !== size + 1 || bytes[0] !== keyType)
    throw new SignalError('malformed', `a Kyber-1024 ${what} must be 08 and ${size} bytes`);
  return bytes.subarray(1);
}

/** A fresh key pair. */
export function generateKemKeyPair(): KemKeyPair {
  const { publicKey, secretKey } = ml_kem1024.keygen();
  const pair = { publicKey: typed(publicKey), secretKey: typed(secretKey) };
  wipe(secretKey);
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
export function encapsulate(publicKey: Uint8Array): { ciphertext: Uint8Array; sharedSecret: Uint8Array } {
  const raw = untyped(publicKey, publicSize, 'public key');
  let made: { cipherText: Uint8Array; sharedSecret: Uint8Array };
  try {
    made = ml_kem1024.encapsulate(raw);
  } catch (cause) {
    throw new SignalError('malformed', 'the Kyber-1024 public key is not reduced', { cause });
  }
  return {
    ciphertext: typed(made.cipherText),
    sharedSecret: roundThreeSecret(made.sharedSecret, made.cipherText),
  };
}

/**
 * The secret (32 bytes) in `ciphertext`. A ciphertext made for another key gives a secret that nobody knows, not an
 * error.
 *
 * @throws SignalError `malformed` when either has a wrong length or type, or the secret key is damaged (FIPS 203,
 *   section 7.3)
 */
export function decapsulate(secretKey: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const raw = untyped(ciphertext, ciphertextSize, 'ciphertext');
  const key = untyped(secretKey, secretSize, 'secret key');
  let secret: Uint8Array;
  try {
    secret = ml_kem1024.decapsulate(raw, key);
  } catch (cause) {
    throw new SignalError('malformed', 'the Kyber-1024 secret key is damaged', { cause });
  }
  return roundThreeSecret(secret, raw);
}
