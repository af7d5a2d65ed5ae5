import { utf8 } from '../../protocol/bytes.ts';
import { type KeyPair, keyPairFromPrivate } from '../signal/curve.ts';
import { hkdfSha256 } from '../signal/primitives.ts';
import { openWith, SealError, sealWith } from './seal.ts';

const secretLength = 32;
const wrapLabel = 'Stream Chat account secret v1';

const labels = {
  identity: 'Stream Chat identity key v1',
  vault: 'Stream Chat vault key v1',
  backup: 'Stream Chat backup key v1',
} as const;

/** What an account's secret stands for. Never stored: derived again from the secret. */
export interface AccountKeys {
  /** The account's X25519/XEdDSA identity. */
  readonly identity: KeyPair;
  /** Seals what the account keeps with the server; 32 bytes. */
  readonly vaultKey: Uint8Array<ArrayBuffer>;
  /** Seals backups of sender chains; 32 bytes. */
  readonly backupKey: Uint8Array<ArrayBuffer>;
}

/** A fresh account secret: 32 random bytes, from which all keys of the account follow. */
export const createAccountSecret = (): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(secretLength));

/** Each way to unlock an account wraps the same secret; the blob of one doesn't open in place of another's. */
export type WrapPurpose = 'password' | 'recovery-code' | 'passkey';

const labelFor = (purpose: WrapPurpose): string => `${wrapLabel} ${purpose}`;

/** Wraps the account secret with AES-256-GCM under `wrapKey` (32 bytes). */
export const wrapSecret = (
  secret: Uint8Array,
  wrapKey: Uint8Array,
  purpose: WrapPurpose = 'password',
): Promise<Uint8Array<ArrayBuffer>> => sealWith(wrapKey, secret, labelFor(purpose));

/**
 * The account secret in a wrapped blob.
 *
 * @throws SealError for a wrong password (another `wrapKey`), another purpose, or altered bytes
 */
export async function unwrapSecret(
  wrapped: Uint8Array,
  wrapKey: Uint8Array,
  purpose: WrapPurpose = 'password',
): Promise<Uint8Array<ArrayBuffer>> {
  const secret = await openWith(wrapKey, wrapped, labelFor(purpose));
  if (secret.length !== secretLength) throw new SealError();
  return secret;
}

/** The keys of an account, all from its secret (HKDF-SHA256, one label each). */
export function accountKeys(secret: Uint8Array): AccountKeys {
  if (secret.length !== secretLength) throw new RangeError('an account secret has 32 bytes');
  const derive = (label: string) => hkdfSha256(secret, undefined, utf8(label), 32);
  return {
    identity: keyPairFromPrivate(derive(labels.identity)),
    vaultKey: derive(labels.vault),
    backupKey: derive(labels.backup),
  };
}
