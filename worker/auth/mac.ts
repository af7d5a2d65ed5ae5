import { fromBase64, utf8 } from '../../protocol/bytes.ts';
import { privateKeysOf } from './access-token.ts';

/** Bytes of a MAC. */
export const macSize = 32;

const known = new Map<string, { setting: string; keys: Promise<CryptoKey[]> }>();

/**
 * Keys of HMAC-SHA-256 for one purpose, one for each of the Worker's signing keys (JWT_PRIVATE_JWK): the first signs, all verify, so
 * that what was handed out before a rotation is good after it.
 */
export function macKeys(setting: string, purpose: string): Promise<CryptoKey[]> {
  const kept = known.get(purpose);
  if (kept?.setting === setting) return kept.keys;
  const keys = Promise.all(privateKeysOf(setting).map(({ d }) => derive(fromBase64(d), purpose)));
  known.set(purpose, { setting, keys });
  return keys;
}

async function derive(secret: Uint8Array<ArrayBuffer>, purpose: string): Promise<CryptoKey> {
  const from = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(purpose) };
  return crypto.subtle.deriveKey(parameters, from, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, [
    'sign',
    'verify',
  ]);
}
