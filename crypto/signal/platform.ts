import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { concat, equalBytes, fromBase64 } from '../../protocol/bytes.ts';

/** X25519 (RFC 7748) on raw 32-byte keys. May throw, or return zeros, for a point of low order. */
export type DiffieHellman = (privateKey: Uint8Array, u: Uint8Array) => Promise<Uint8Array>;

/** Ed25519 verification (RFC 8032) with a raw 32-byte key; false, never an exception, for whatever is wrong. */
export type VerifyEd25519 = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => Promise<boolean>;

/** A fresh X25519 key pair: 32 random private bytes, clamped (RFC 7748 section 5), and their u. */
export type GenerateX25519 = () => Promise<{ readonly privateKey: Uint8Array; readonly u: Uint8Array }>;

/**
 * The operations that a platform's WebCrypto does several times faster than JavaScript. Hashing and AES are not among
 * them: for messages of up to some kilobytes, the way into WebCrypto and back costs more than the work
 * (bench/README.md).
 */
export interface Platform {
  readonly diffieHellman: DiffieHellman;
  readonly generateX25519: GenerateX25519;
  readonly verifyEd25519: VerifyEd25519;
}

/** Clamps 32 private bytes in place, as RFC 7748 section 5 says. */
export function clamp(privateKey: Uint8Array): Uint8Array {
  privateKey[0]! &= 248;
  privateKey[31] = (privateKey[31]! & 127) | 64;
  return privateKey;
}

/** Everything in JavaScript, for platforms whose WebCrypto lacks a curve. */
export const noblePlatform: Platform = {
  diffieHellman: async (privateKey, u) => x25519.getSharedSecret(privateKey, u),
  generateX25519: async () => {
    const privateKey = clamp(crypto.getRandomValues(new Uint8Array(32)));
    return { privateKey, u: x25519.getPublicKey(privateKey) };
  },
  verifyEd25519: async (publicKey, message, signature) => {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },
};

/** The same bytes for WebCrypto's types: nothing here lies in shared memory, and WebCrypto copies what it is given. */
const owned = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;

// PrivateKeyInfo of RFC 8410, up to the 32 bytes of the key: WebCrypto imports no raw private keys.
const x25519Pkcs8 = hexToBytes('302e020100300506032b656e04220420');

/**
 * Everything by WebCrypto. Importing a private key costs half of what an agreement does, so the CryptoKey is kept for as
 * long as the array that it came from, as for public keys of signatures: keys must not be changed in place and used again.
 */
export function webCryptoPlatform(subtle: SubtleCrypto): Platform {
  const imported = new WeakMap<Uint8Array, Promise<CryptoKey>>();
  const verifiers = new WeakMap<Uint8Array, CryptoKey>();

  async function importPrivate(privateKey: Uint8Array, extractable = false): Promise<CryptoKey> {
    const pkcs8 = concat(x25519Pkcs8, privateKey);
    try {
      return await subtle.importKey('pkcs8', pkcs8, 'X25519', extractable, ['deriveBits']);
    } finally {
      pkcs8.fill(0);
    }
  }

  function privateKeyOf(privateKey: Uint8Array): Promise<CryptoKey> {
    let key = imported.get(privateKey);
    if (!key) imported.set(privateKey, (key = importPrivate(privateKey)));
    return key;
  }

  return {
    diffieHellman: async (privateKey, u) => {
      const [ours, theirs] = await Promise.all([
        privateKeyOf(privateKey),
        subtle.importKey('raw', owned(u), 'X25519', false, []),
      ]);
      return new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: theirs }, ours, 256));
    },
    generateX25519: async () => {
      // Random bytes are a key once clamped; importing them costs half of what generateKey and exporting do, and RFC 8037's
      // form has the public half.
      const privateKey = clamp(crypto.getRandomValues(new Uint8Array(32)));
      const key = importPrivate(privateKey, true);
      imported.set(privateKey, key);
      const { x = '' } = await subtle.exportKey('jwk', await key);
      return { privateKey, u: fromBase64(x) };
    },
    verifyEd25519: async (publicKey, message, signature) => {
      try {
        let key = verifiers.get(publicKey);
        if (!key) {
          key = await subtle.importKey('raw', owned(publicKey), 'Ed25519', false, ['verify']);
          verifiers.set(publicKey, key);
        }
        return await subtle.verify('Ed25519', key, owned(signature), owned(message));
      } catch {
        return false;
      }
    },
  };
}

// The first example of RFC 7748 section 5.2.
const scalar = hexToBytes('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4');
const u = hexToBytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
const product = hexToBytes('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
// Test 1 of RFC 8032 section 7.1: the signature of an empty message.
const signer = hexToBytes('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
const signature = hexToBytes(
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
);

/** Each operation by WebCrypto when it answers the RFCs' examples rightly, else in JavaScript. */
export async function detectPlatform(subtle: SubtleCrypto | undefined): Promise<Platform> {
  if (!subtle) return noblePlatform;
  const native = webCryptoPlatform(subtle);
  const [agrees, generates, verifies] = await Promise.all([
    native.diffieHellman(scalar, u).then(
      (answer) => equalBytes(answer, product),
      () => false,
    ),
    native.generateX25519().then(
      (pair) => equalBytes(pair.u, x25519.getPublicKey(pair.privateKey)),
      () => false,
    ),
    native.verifyEd25519(signer, new Uint8Array(0), signature),
  ]);
  return {
    diffieHellman: (agrees ? native : noblePlatform).diffieHellman,
    generateX25519: (agrees && generates ? native : noblePlatform).generateX25519,
    verifyEd25519: (verifies ? native : noblePlatform).verifyEd25519,
  };
}

let detected: Promise<Platform> | undefined;

/** The platform that we run on, found out at the first call. */
export function platform(): Promise<Platform> {
  detected ??= detectPlatform(globalThis.crypto?.subtle);
  return detected;
}
