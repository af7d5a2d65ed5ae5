import { cbc } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { SignalError } from './errors.ts';
import { noblePlatform, type Platform, platform } from './platform.ts';

/** HMAC-SHA256 in JavaScript: 32 bytes. For short messages; `backFor` has the one for long ones. */
export const hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array => hmac(sha256, key, message);

/** HKDF-SHA256 (RFC 5869) in JavaScript; no salt means 32 zero bytes. Throws for more than 8 160 bytes. */
export const hkdfSha256 = (
  inputKey: Uint8Array,
  salt: Uint8Array | undefined,
  info: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> => hkdf(sha256, inputKey, salt, info, length);

/** AES-256-CBC with PKCS#7 padding, in JavaScript. */
export const encryptCbc = (key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array =>
  cbc(key, iv).encrypt(plaintext);

/** From how many bytes on the platform's hashing and AES are worth the way there (README.md has the figures). */
const worthwhile = 1024;

/** Whose hashing and AES `length` bytes are for: the platform's where that pays, else JavaScript's. */
export const backFor = (length: number): Platform | Promise<Platform> =>
  length < worthwhile ? noblePlatform : platform();

/**
 * Opens what `encryptCbc` made. Call it only on bytes that are authenticated already.
 *
 * @throws SignalError `malformed` when the length or the padding is wrong
 */
export async function decryptCbc(
  key: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
  on: Platform | Promise<Platform> = backFor(ciphertext.length),
): Promise<Uint8Array> {
  const back = await on;
  try {
    return await back.decryptCbc(key, iv, ciphertext);
  } catch (cause) {
    throw new SignalError('malformed', 'the ciphertext has a wrong length or padding', { cause });
  }
}

/** Overwrites secrets that are not needed any more. A best effort: the engine may have made copies. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
