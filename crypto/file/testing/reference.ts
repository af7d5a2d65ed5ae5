import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { concat, utf8 } from '../../../protocol/bytes.ts';
import { hkdf } from '../../signal/testing/reference.ts';

// What the formats are made of, by OpenSSL: a file sealed today opens tomorrow, whatever becomes of the code.

/** A key that follows from a file key: HKDF-SHA256, salted with the file id. */
export const fileKey = (dek: Uint8Array, fileId: string, label: string): Uint8Array =>
  hkdf(dek, utf8(fileId), label, 32);

/** AES-256-GCM: ciphertext ‖ tag. */
export function seal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** Opens what `seal` made. Throws when it does not authenticate. */
export function open(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-16));
  return concat(decipher.update(sealed.subarray(0, -16)), decipher.final());
}

/** A fresh nonce of 12 bytes. */
export const nonce = (): Uint8Array => Uint8Array.from(randomBytes(12));
