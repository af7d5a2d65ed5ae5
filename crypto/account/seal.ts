import { concat, utf8 } from '../../protocol/bytes.ts';

const nonceLength = 12;

/** Sealed bytes were altered, or sealed with another key or for another purpose: which of these cannot be told. */
export class SealError extends Error {
  constructor(options?: ErrorOptions) {
    super('these bytes were not sealed with this key for this purpose', options);
    this.name = 'SealError';
  }
}

const importKey = (key: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> => {
  if (key.length !== 32) throw new RangeError('a sealing key has 32 bytes');
  return crypto.subtle.importKey('raw', concat(key), 'AES-GCM', false, [usage]);
};

const parameters = (nonce: Uint8Array, label: string) => ({
  name: 'AES-GCM',
  iv: concat(nonce),
  additionalData: utf8(label),
});

/**
 * Seals `plaintext` with AES-256-GCM: a random 12-byte nonce, the ciphertext, a 16-byte tag. One key should seal no more
 * than 2^32 times (NIST SP 800-38D, section 8.3).
 *
 * @param key32 32 bytes
 * @param label what it is for; it must be the same when opening, and is not hidden
 * @throws RangeError when the key has another length
 */
export async function sealWith(
  key32: Uint8Array,
  plaintext: Uint8Array,
  label: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await importKey(key32, 'encrypt');
  const nonce = crypto.getRandomValues(new Uint8Array(nonceLength));
  const sealed = await crypto.subtle.encrypt(parameters(nonce, label), key, concat(plaintext));
  return concat(nonce, new Uint8Array(sealed));
}

/**
 * Opens what `sealWith` made.
 *
 * @throws SealError when anything is wrong with the bytes, the key or the label; RangeError when the key isn't 32 bytes
 */
export async function openWith(
  key32: Uint8Array,
  sealed: Uint8Array,
  label: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await importKey(key32, 'decrypt');
  const nonce = sealed.subarray(0, nonceLength);
  try {
    const ciphertext = concat(sealed.subarray(nonceLength));
    return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, label), key, ciphertext));
  } catch (cause) {
    throw new SealError({ cause });
  }
}
