import { cbc } from '@noble/ciphers/aes.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Platform } from './platform.ts';

/** Clamps 32 private bytes in place, as RFC 7748 section 5 says. */
export function clamp(privateKey: Uint8Array): Uint8Array {
  privateKey[0]! &= 248;
  privateKey[31] = (privateKey[31]! & 127) | 64;
  return privateKey;
}

/** Everything in JavaScript, for what a platform's WebCrypto lacks, and for inputs that are not worth the way there. */
export const noblePlatform: Platform = {
  diffieHellman: async (privateKey, u) => x25519.getSharedSecret(privateKey, u),
  generateX25519: async () => {
    const privateKey = clamp(crypto.getRandomValues(new Uint8Array(32)));
    return { privateKey, u: x25519.getPublicKey(privateKey) };
  },
  verifyEd25519: async (publicKey, message, signature) => {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },
  hmacSha256: async (key, message) => hmac(sha256, key, message),
  hkdfSha256: async (inputKey, salt, info, length) => hkdf(sha256, inputKey, salt, info, length),
  encryptCbc: async (key, iv, plaintext) => cbc(key, iv).encrypt(plaintext),
  decryptCbc: async (key, iv, ciphertext) => cbc(key, iv).decrypt(ciphertext),
};
