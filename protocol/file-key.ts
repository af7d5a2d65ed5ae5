import { concat, utf8 } from './bytes.ts';

/**
 * 32 bytes that stand for the file key `dek` and no other: HKDF-SHA-256 (RFC 5869), salted with the file id. AES-GCM opens under
 * several keys for who prepares it so; the file message therefore carries this commitment. Throws a RangeError for a key of another size.
 */
export async function fileKeyCommitment(dek: Uint8Array, fileId: string): Promise<Uint8Array<ArrayBuffer>> {
  if (dek.length !== 32) throw new RangeError('a file key has 32 bytes');
  const key = await crypto.subtle.importKey('raw', concat(dek), 'HKDF', false, ['deriveBits']);
  const info = utf8('Stream Chat file key commitment v1');
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: utf8(fileId), info };
  return new Uint8Array(await crypto.subtle.deriveBits(derivation, key, 256));
}
