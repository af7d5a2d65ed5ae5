import { concat, fromBase64 } from '../../protocol/bytes.ts';
import type { Platform } from './platform.ts';
import { clamp } from './platform-noble.ts';
import { importKeys, remembering } from './platform-web.ts';

/** Node's own form of a key. */
export interface KeyObject {
  export(options: { readonly format: 'jwk' }): { readonly x: string; readonly d: string };
}

interface Cipher {
  update(bytes: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

/** What is used here of `node:crypto`. */
export interface NodeCrypto {
  readonly KeyObject: { from(key: CryptoKey): KeyObject };
  generateKeyPairSync(type: 'x25519'): { readonly privateKey: KeyObject };
  diffieHellman(keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): Uint8Array;
  verify(hash: null, message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean;
  /** Since Node 24.7. */
  encapsulate?(key: KeyObject): { readonly sharedKey: Uint8Array; readonly ciphertext: Uint8Array };
  decapsulate?(key: KeyObject, ciphertext: Uint8Array): Uint8Array;
  createHmac(hash: 'sha256', key: Uint8Array): { update(message: Uint8Array): { digest(): Uint8Array } };
  hkdfSync(
    hash: 'sha256',
    inputKey: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array,
    length: number,
  ): ArrayBuffer;
  createCipheriv(name: 'aes-256-cbc', key: Uint8Array, iv: Uint8Array): Cipher;
  createDecipheriv(name: 'aes-256-cbc', key: Uint8Array, iv: Uint8Array): Cipher;
}

/** `node:crypto` where there is one, without an import that bundlers for browsers would follow. */
export const nodeCrypto = (): NodeCrypto | undefined =>
  (
    globalThis as { process?: { getBuiltinModule?(name: string): NodeCrypto | undefined } }
  ).process?.getBuiltinModule?.('node:crypto');

/** A copy outside of Node's pool of small buffers; the original is overwritten. */
export function taken(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = concat(buffer);
  buffer.fill(0);
  return copy;
}

const through = (cipher: Cipher, bytes: Uint8Array) => {
  const [most, rest] = [cipher.update(bytes), cipher.final()];
  return concat(most, rest);
};

/**
 * Node's own functions, which answer at once: each call of its WebCrypto goes through a pool of threads, which costs more
 * than an agreement does (bench/README.md). Keys are imported by WebCrypto all the same, which is several times faster, and
 * remembered as there.
 */
export function nodePlatform(node: NodeCrypto, subtle: SubtleCrypto): Platform {
  const keys = importKeys(subtle, true);
  const native = (imported: (bytes: Uint8Array) => Promise<CryptoKey>) => async (bytes: Uint8Array) =>
    node.KeyObject.from(await imported(bytes));
  const made = new WeakMap<Uint8Array, Promise<KeyObject>>();
  const privateKey = remembering(native(keys.private), made);
  const publicKey = remembering(native(keys.public));
  const verifier = remembering(native(keys.verifier));

  return {
    diffieHellman: async (ours, theirs) => {
      const [key, other] = await Promise.all([privateKey(ours), publicKey(theirs)]);
      return taken(node.diffieHellman({ privateKey: key, publicKey: other }));
    },
    generateX25519: async () => {
      const key = node.generateKeyPairSync('x25519').privateKey;
      const { x, d } = key.export({ format: 'jwk' });
      const bytes = clamp(fromBase64(d));
      made.set(bytes, Promise.resolve(key));
      return { privateKey: bytes, u: fromBase64(x) };
    },
    verifyEd25519: async (key, message, signature) => {
      try {
        return node.verify(null, message, await verifier(key), signature);
      } catch {
        return false;
      }
    },
    hmacSha256: async (key, message) => taken(node.createHmac('sha256', key).update(message).digest()),
    hkdfSha256: async (inputKey, salt = new Uint8Array(32), info, length) =>
      new Uint8Array(node.hkdfSync('sha256', inputKey, salt, info, length)),
    encryptCbc: async (key, iv, plaintext) => through(node.createCipheriv('aes-256-cbc', key, iv), plaintext),
    decryptCbc: async (key, iv, ciphertext) => {
      const decipher = node.createDecipheriv('aes-256-cbc', key, iv);
      return through(decipher, ciphertext);
    },
  };
}
