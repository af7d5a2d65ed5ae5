import { createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import { toBase64, utf8 } from '../../../protocol/bytes.ts';
import type { KeyPair } from '../curve.ts';

// The operations of the specifications by OpenSSL, for tests that compute a step again.

/** X25519 (RFC 7748) of a key pair and a public key of 33 bytes. */
export function dh({ privateKey, publicKey }: KeyPair, theirs: Uint8Array): Uint8Array {
  const x = (key: Uint8Array) => ({ kty: 'OKP', crv: 'X25519', x: toBase64(key.subarray(1)) });
  return Uint8Array.from(
    diffieHellman({
      privateKey: createPrivateKey({ key: { ...x(publicKey), d: toBase64(privateKey) }, format: 'jwk' }),
      publicKey: createPublicKey({ key: x(theirs), format: 'jwk' }),
    }),
  );
}

/** HKDF-SHA256 (RFC 5869). */
export const hkdf = (ikm: Uint8Array, salt: Uint8Array, info: string, length: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', ikm, salt, utf8(info), length));

/** HMAC-SHA256. */
export const hmac = (key: Uint8Array, ...message: Uint8Array[]): Uint8Array => {
  const mac = createHmac('sha256', key);
  for (const part of message) mac.update(part);
  return Uint8Array.from(mac.digest());
};
