import { sha256 } from '@noble/hashes/sha2.js';
import { argon2id } from 'hash-wasm';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { normaliseEmail } from '../../protocol/spelling.ts';
import { hkdfSha256 } from '../signal/primitives.ts';

const saltLabel = 'Stream Chat password salt v1';
const authLabel = 'Stream Chat auth key v1';
const wrapLabel = 'Stream Chat wrap key v1';

/**
 * The master key (32 bytes) of a password: Argon2id (RFC 9106), 64 MiB, 3 passes, 1 lane. Takes about half a second, so
 * a page calls it in a worker. The password counts in its NFKC form, exactly as typed otherwise; the email in the one
 * spelling that `normaliseEmail` gives. With `share` it does that part of the work alone, to tell how long the whole takes; what comes
 * out then is no key.
 */
export async function deriveMasterKey(
  password: string,
  email: string,
  { share = 1 }: { share?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const master = await argon2id({
    password: utf8(password.normalize('NFKC')),
    salt: sha256(concat(utf8(saltLabel), utf8(normaliseEmail(email)))),
    memorySize: (64 * 1024) / share,
    iterations: 3,
    parallelism: 1,
    hashLength: 32,
    outputType: 'binary',
  });
  return concat(master);
}

/** The two halves of a master key, 32 bytes each; neither tells anything about the other. */
export interface PasswordKeys {
  /** Proves the password to the server. */
  readonly authKey: Uint8Array<ArrayBuffer>;
  /** Wraps the account secret, and never leaves. */
  readonly wrapKey: Uint8Array<ArrayBuffer>;
}

/** Splits a master key. */
export const deriveAccountKeys = (master: Uint8Array): PasswordKeys => ({
  authKey: hkdfSha256(master, undefined, utf8(authLabel), 32),
  wrapKey: hkdfSha256(master, undefined, utf8(wrapLabel), 32),
});
