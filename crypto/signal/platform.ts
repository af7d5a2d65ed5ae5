import { x25519 } from '@noble/curves/ed25519.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { equalBytes, utf8 } from '../../protocol/bytes.ts';
import { noblePlatform } from './platform-noble.ts';
import { type NodeCrypto, nodeCrypto, nodePlatform } from './platform-node.ts';
import { webCryptoPlatform } from './platform-web.ts';

export { noblePlatform } from './platform-noble.ts';
export { webCryptoPlatform } from './platform-web.ts';

/** The operations that a platform may have of its own. */
export interface Platform {
  /** X25519 (RFC 7748) on raw 32-byte keys. May throw, or return zeros, for a point of low order. */
  diffieHellman(privateKey: Uint8Array, u: Uint8Array): Promise<Uint8Array>;
  /** A fresh X25519 key pair: 32 random private bytes, clamped (RFC 7748 section 5), and their u. */
  generateX25519(): Promise<{ readonly privateKey: Uint8Array; readonly u: Uint8Array }>;
  /** Ed25519 verification (RFC 8032) with a raw 32-byte key; false, never an exception, for whatever is wrong. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** HMAC-SHA256: 32 bytes. */
  hmacSha256(key: Uint8Array, message: Uint8Array): Promise<Uint8Array>;
  /** HKDF-SHA256 (RFC 5869); no salt means 32 zero bytes. Throws for more than 8 160 bytes. */
  hkdfSha256(
    inputKey: Uint8Array,
    salt: Uint8Array | undefined,
    info: Uint8Array,
    length: number,
  ): Promise<Uint8Array>;
  /** AES-256-CBC with PKCS#7 padding. */
  encryptCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /** Undoes `encryptCbc`; throws, always in the same way, when the length or the padding is wrong. */
  decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
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
const message = utf8('what JavaScript makes of this');

/** Whether `one` computes what `other` does, by an example. */
async function alike(
  one: Platform,
  other: Platform,
  compute: (on: Platform) => Promise<Uint8Array>,
): Promise<boolean> {
  return equalBytes(await compute(one), await compute(other));
}

/** Whether a platform computes an operation rightly: what the RFCs' examples say, or JavaScript. */
const isRight: { readonly [Name in keyof Platform]: (on: Platform) => Promise<boolean> } = {
  diffieHellman: async (on) => equalBytes(await on.diffieHellman(scalar, u), product),
  generateX25519: async (on) => {
    const pair = await on.generateX25519();
    return equalBytes(pair.u, x25519.getPublicKey(pair.privateKey));
  },
  verifyEd25519: (on) => on.verifyEd25519(signer, new Uint8Array(0), signature),
  hmacSha256: (on) => alike(on, noblePlatform, ({ hmacSha256 }) => hmacSha256(scalar, message)),
  hkdfSha256: (on) =>
    alike(on, noblePlatform, ({ hkdfSha256 }) => hkdfSha256(scalar, undefined, message, 64)),
  encryptCbc: (on) =>
    alike(on, noblePlatform, ({ encryptCbc }) => encryptCbc(scalar, u.subarray(16), message)),
  decryptCbc: async (on) => {
    const ciphertext = await noblePlatform.encryptCbc(scalar, u.subarray(16), message);
    return alike(on, noblePlatform, ({ decryptCbc }) => decryptCbc(scalar, u.subarray(16), ciphertext));
  },
};

/** Each operation by Node or by WebCrypto when it computes rightly there, else in JavaScript. */
export async function detectPlatform(
  subtle: SubtleCrypto | undefined,
  node?: NodeCrypto | undefined,
): Promise<Platform> {
  if (!subtle) return noblePlatform;
  const candidates = [...(node ? [nodePlatform(node, subtle)] : []), webCryptoPlatform(subtle)];
  const first = async <Name extends keyof Platform>(name: Name): Promise<Platform[Name]> => {
    for (const candidate of candidates)
      if (await isRight[name](candidate).catch(() => false)) return candidate[name];
    return noblePlatform[name];
  };
  const names = Object.keys(isRight) as (keyof Platform)[];
  const found = await Promise.all(names.map(async (name) => [name, await first(name)] as const));
  return Object.fromEntries(found) as unknown as Platform;
}

let detected: Promise<Platform> | undefined;

/** The platform that we run on, found out at the first call. */
export function platform(): Promise<Platform> {
  detected ??= detectPlatform(globalThis.crypto?.subtle, nodeCrypto());
  return detected;
}
