import { createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import { toBase64, utf8 } from '../../../protocol/bytes.ts';
import type { KeyPair } from '../curve.ts';

// The operations of the specifications by OpenSSL, for tests that compute a step again.

/** What stands before the 32 bytes of an X25519 private key in PKCS #8 (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** X25519 (RFC 7748) of a private key and a public key of 33 bytes. */
export function dh({ privateKey }: Pick<KeyPair, 'privateKey'>, theirs: Uint8Array): Uint8Array {
  return Uint8Array.from(
    diffieHellman({
      // Not as JWK: that has the public key beside it, and newer versions of Node refuse a pair that doesn't match.
      privateKey: createPrivateKey({ key: Buffer.concat([pkcs8, privateKey]), format: 'der', type: 'pkcs8' }),
      publicKey: createPublicKey({
        key: { kty: 'OKP', crv: 'X25519', x: toBase64(theirs.subarray(1)) },
        format: 'jwk',
      }),
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
