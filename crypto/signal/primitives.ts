import { cbc } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { SignalError } from './errors.ts';

/** HMAC-SHA256: 32 bytes. */
export const hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array => hmac(sha256, key, message);

/** HKDF-SHA256 (RFC 5869); no salt means 32 zero bytes. Throws for more than 8 160 bytes. */
export const hkdfSha256 = (
  inputKey: Uint8Array,
  salt: Uint8Array | undefined,
  info: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> => hkdf(sha256, inputKey, salt, info, length);

/** AES-256-CBC with PKCS#7 padding. */
export const encryptCbc = (key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array =>
  cbc(key, iv).encrypt(plaintext);

/**
 * Opens what `encryptCbc` made. Call it only on bytes that are authenticated already.
 *
 * @throws SignalError `malformed` when the length or the padding is wrong
 */
export function decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  try {
    return cbc(key, iv).decrypt(ciphertext);
  } catch (cause) {
    throw new SignalError('malformed', 'the ciphertext has a wrong length or padding', { cause });
  }
}

/** Overwrites secrets that are not needed any more. A best effort: the engine may have made copies. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
