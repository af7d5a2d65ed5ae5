import { generateKeyPair, type KeyPair, sign } from './curve.ts';
import { generateKemKeyPair, type KemKeyPair } from './kem.ts';

/** A prekey of middle life, signed by the identity key. */
export interface SignedPreKey {
  readonly id: number;
  readonly keyPair: KeyPair;
  /** XEdDSA over the encoded public key, 64 bytes. */
  readonly signature: Uint8Array;
}

/** A prekey for one handshake. */
export interface OneTimePreKey {
  readonly id: number;
  readonly keyPair: KeyPair;
}

/** A Kyber-1024 prekey; one-time and last-resort keys look the same, their keeper tells them apart. */
export interface KyberPreKey extends KemKeyPair {
  readonly id: number;
  /** XEdDSA over the encoded public key, 64 bytes. */
  readonly signature: Uint8Array;
}

/** A fresh signed prekey. `id` is an unsigned 32-bit number, as everywhere here. */
export function generateSignedPreKey(identity: KeyPair, id: number): SignedPreKey {
  const keyPair = generateKeyPair();
  return { id, keyPair, signature: sign(identity.privateKey, keyPair.publicKey) };
}

/** `count` fresh one-time prekeys, numbered from `firstId`. */
export const generateOneTimePreKeys = (firstId: number, count: number): OneTimePreKey[] =>
  Array.from({ length: count }, (_, i) => ({ id: firstId + i, keyPair: generateKeyPair() }));

/** A fresh Kyber prekey. */
export function generateKyberPreKey(identity: KeyPair, id: number): KyberPreKey {
  const pair = generateKemKeyPair();
  return { id, ...pair, signature: sign(identity.privateKey, pair.publicKey) };
}
