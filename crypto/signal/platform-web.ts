import { hexToBytes } from '@noble/hashes/utils.js';
import { concat, fromBase64 } from '../../protocol/bytes.ts';
import type { Platform } from './platform.ts';
import { clamp } from './platform-noble.ts';

/** The same bytes for WebCrypto's types: nothing here lies in shared memory, and WebCrypto copies what it is given. */
const owned = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;

// PrivateKeyInfo of RFC 8410, up to the 32 bytes of the key: WebCrypto imports no raw private keys.
const x25519Pkcs8 = hexToBytes('302e020100300506032b656e04220420');

/** `make`, done once for an array and remembered for as long as that lives. */
export const remembering =
  <T>(make: (bytes: Uint8Array) => Promise<T>, known = new WeakMap<Uint8Array, Promise<T>>()) =>
  (bytes: Uint8Array): Promise<T> => {
    let made = known.get(bytes);
    if (!made) known.set(bytes, (made = make(bytes)));
    return made;
  };

/** Imports of raw 32-byte keys. */
export const importKeys = (subtle: SubtleCrypto, extractable: boolean) => ({
  async private(privateKey: Uint8Array): Promise<CryptoKey> {
    const pkcs8 = concat(x25519Pkcs8, privateKey);
    try {
      return await subtle.importKey('pkcs8', pkcs8, 'X25519', extractable, ['deriveBits']);
    } finally {
      pkcs8.fill(0);
    }
  },
  public: (u: Uint8Array): Promise<CryptoKey> => subtle.importKey('raw', owned(u), 'X25519', extractable, []),
  verifier: (key: Uint8Array): Promise<CryptoKey> =>
    subtle.importKey('raw', owned(key), 'Ed25519', extractable, ['verify']),
});

/**
 * Everything by WebCrypto. Importing a private key costs half of what an agreement does, so CryptoKeys are kept for as long
 * as the arrays that they came from: keys must not be changed in place and used again.
 */
export function webCryptoPlatform(subtle: SubtleCrypto): Platform {
  const keys = importKeys(subtle, false);
  const made = new WeakMap<Uint8Array, Promise<CryptoKey>>();
  const privateKey = remembering(keys.private, made);
  const publicKey = remembering(keys.public);
  const verifier = remembering(keys.verifier);

  const once = (
    key: Uint8Array,
    algorithm: string | HmacImportParams,
    usage: 'sign' | 'deriveBits' | 'encrypt' | 'decrypt',
  ) => subtle.importKey('raw', owned(key), algorithm, false, [usage]);

  return {
    diffieHellman: async (ours, theirs) => {
      const [key, other] = await Promise.all([privateKey(ours), publicKey(theirs)]);
      return new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: other }, key, 256));
    },
    generateX25519: async () => {
      // Random bytes are a key once clamped; importing them costs half of what generateKey and exporting do, and RFC 8037's
      // form has the public half.
      const bytes = clamp(crypto.getRandomValues(new Uint8Array(32)));
      const key = importKeys(subtle, true).private(bytes);
      made.set(bytes, key);
      const { x = '' } = await subtle.exportKey('jwk', await key);
      return { privateKey: bytes, u: fromBase64(x) };
    },
    verifyEd25519: async (key, message, signature) => {
      try {
        return await subtle.verify('Ed25519', await verifier(key), owned(signature), owned(message));
      } catch {
        return false;
      }
    },
    hmacSha256: async (key, message) => {
      // An empty key is refused; HMAC fills up every key with zeros.
      const hmac = await once(
        key.length > 0 ? key : new Uint8Array(1),
        { name: 'HMAC', hash: 'SHA-256' },
        'sign',
      );
      return new Uint8Array(await subtle.sign('HMAC', hmac, owned(message)));
    },
    hkdfSha256: async (inputKey, salt = new Uint8Array(32), info, length) => {
      const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: owned(salt), info: owned(info) };
      return new Uint8Array(
        await subtle.deriveBits(algorithm, await once(inputKey, 'HKDF', 'deriveBits'), 8 * length),
      );
    },
    encryptCbc: async (key, iv, plaintext) => {
      const aes = await once(key, 'AES-CBC', 'encrypt');
      return new Uint8Array(await subtle.encrypt({ name: 'AES-CBC', iv: owned(iv) }, aes, owned(plaintext)));
    },
    decryptCbc: async (key, iv, ciphertext) => {
      const aes = await once(key, 'AES-CBC', 'decrypt');
      return new Uint8Array(await subtle.decrypt({ name: 'AES-CBC', iv: owned(iv) }, aes, owned(ciphertext)));
    },
  };
}
