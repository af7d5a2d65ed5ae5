import { concat, equalBytes, utf8 } from '../../protocol/bytes.ts';
import { fileKeyCommitment } from '../../protocol/file-key.ts';
import { FileError } from './errors.ts';

/** Bytes of a file key (DEK) and of a key commitment. */
export const fileKeySize = 32;

const labels = {
  records: 'Stream Chat file records v1',
  manifest: 'Stream Chat file manifest v1',
} as const;

/** A fresh file key: 32 random bytes. One for each file, never used again. */
export const createFileKey = (): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(fileKeySize));

/** The AES-256-GCM key of the file's records: HKDF-SHA-256 (RFC 5869), salted with the file id. Not extractable. */
export const streamKey = (dek: Uint8Array, fileId: string): Promise<CryptoKey> =>
  deriveAesKey(dek, fileId, labels.records);

/** The AES-256-GCM key of the file's manifest, derived likewise. */
export const manifestKey = (dek: Uint8Array, fileId: string): Promise<CryptoKey> =>
  deriveAesKey(dek, fileId, labels.manifest);

/** What the file message says of its key, for whoever is handed a key. */
export const keyCommitment = fileKeyCommitment;

/** Throws `FileError('wrong-key')` unless `dek` is the key that `commitment` stands for. */
export async function verifyCommitment(
  dek: Uint8Array,
  fileId: string,
  commitment: Uint8Array,
): Promise<void> {
  if (!equalBytes(await keyCommitment(dek, fileId), commitment))
    throw new FileError('wrong-key', 'the file key is not the one that was announced');
}

async function deriveAesKey(dek: Uint8Array, fileId: string, label: string): Promise<CryptoKey> {
  const aes = { name: 'AES-GCM', length: 256 };
  return crypto.subtle.deriveKey(hkdf(fileId, label), await importSecret(dek), aes, false, [
    'encrypt',
    'decrypt',
  ]);
}

const hkdf = (fileId: string, label: string) => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt: utf8(fileId),
  info: utf8(label),
});

function importSecret(dek: Uint8Array): Promise<CryptoKey> {
  if (dek.length !== fileKeySize) throw new RangeError('a file key has 32 bytes');
  return crypto.subtle.importKey('raw', concat(dek), 'HKDF', false, ['deriveKey']);
}
