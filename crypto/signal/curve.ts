import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, equalBytes } from '../../protocol/bytes.ts';
import { SignalError } from './errors.ts';
import { type Platform, platform } from './platform.ts';
import { clamp } from './platform-noble.ts';
import { wipe } from './primitives.ts';

/** A Curve25519 key pair in Signal's encoding, for agreement (X25519) and signatures (XEdDSA) alike. */
export interface KeyPair {
  /** 33 bytes: the type byte 05, then u. */
  readonly publicKey: Uint8Array;
  /** 32 bytes, clamped as RFC 7748 section 5 says. */
  readonly privateKey: Uint8Array;
}

/** Length in bytes of an encoded public key. */
export const publicKeyLength = 33;
/** Length in bytes of an XEdDSA signature. */
export const signatureLength = 64;

const keyType = 0x05;
const { Fp, Fn } = ed25519.Point;
const prime = Fp.ORDER;

// The u of all points of small order, on the curve and on its twist, with their spellings that are not reduced
// (below 2^255): 0, 1, the two of order 8, and p - 1, p, p + 1.
const lowOrder: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  prime - 1n,
  prime,
  prime + 1n,
]);

/** A fresh key pair. */
export const generateKeyPair = (): KeyPair => keyPairFromPrivate(crypto.getRandomValues(new Uint8Array(32)));

/** A fresh key pair as `generateKeyPair` gives, made by the platform: several times faster where that is WebCrypto. */
export async function freshKeyPair(on: Platform | Promise<Platform> = platform()): Promise<KeyPair> {
  const { privateKey, u } = await (await on).generateX25519();
  return { publicKey: concat(Uint8Array.of(keyType), u), privateKey };
}

/**
 * The key pair of 32 private bytes, which are copied and clamped.
 *
 * @throws RangeError when there are not 32
 */
export function keyPairFromPrivate(privateKey: Uint8Array): KeyPair {
  if (privateKey.length !== 32) throw new RangeError('a private key has 32 bytes');
  const clamped = clamp(Uint8Array.from(privateKey));
  return { publicKey: concat(Uint8Array.of(keyType), x25519.getPublicKey(clamped)), privateKey: clamped };
}

/**
 * Refuses what cannot be a public key.
 *
 * @throws SignalError `malformed` for a wrong length or type byte, `low-order-key` for a point of small order
 */
export function checkPublicKey(publicKey: Uint8Array): void {
  if (publicKey.length !== publicKeyLength || publicKey[0] !== keyType)
    throw new SignalError('malformed', 'a public key must be 05 and 32 bytes');
  const u = publicKey.slice(1);
  // X25519 ignores this bit, so it must not hide a forbidden point.
  u[31]! &= 127;
  if (lowOrder.has(bytesToNumberLE(u)))
    throw new SignalError('low-order-key', 'the public key has a small order');
}

// The check takes longer than looking here, and platforms remember what they imported by its array: a handshake agrees with
// one key three times.
const checked = new WeakMap<Uint8Array, Uint8Array>();

/** The u of a public key that is one. Throws as `checkPublicKey` does. */
function uOf(publicKey: Uint8Array): Uint8Array {
  let u = checked.get(publicKey);
  if (!u) {
    checkPublicKey(publicKey);
    checked.set(publicKey, (u = publicKey.slice(1)));
  }
  return u;
}

/**
 * The X25519 shared secret (RFC 7748): 32 bytes, never all zeros.
 *
 * @param privateKey 32 bytes
 * @param publicKey 33 bytes; neither must be changed in place afterwards
 * @throws SignalError `malformed` or `low-order-key` when the public key is none
 */
export async function agree(
  privateKey: Uint8Array,
  publicKey: Uint8Array,
  on: Platform | Promise<Platform> = platform(),
): Promise<Uint8Array> {
  const u = uOf(publicKey);
  const { diffieHellman } = await on;
  const secret = await diffieHellman(privateKey, u);
  if (equalBytes(secret, new Uint8Array(32)))
    throw new SignalError('low-order-key', 'the agreement gave an all-zero secret');
  return secret;
}

// XEdDSA's hash_1 (section 2.5): the prefix is 2^256 - 2 in little endian, which no encoded point equals.
const hash1Prefix = new Uint8Array(32).fill(0xff);
hash1Prefix[0] = 0xfe;

const scalarOf = (...parts: readonly Uint8Array[]): bigint => {
  const hash = sha512(concat(...parts));
  const scalar = Fn.create(bytesToNumberLE(hash));
  wipe(hash);
  return scalar;
};

/**
 * An XEdDSA signature (64 bytes) in the form that Signal sends: the Edwards key keeps its sign, which travels in the
 * highest bit of the last byte.
 *
 * @param privateKey 32 bytes, clamped
 */
export function sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  const secretScalar = Fn.create(bytesToNumberLE(privateKey));
  const edwardsKey = ed25519.Point.BASE.multiply(secretScalar).toBytes();
  const random = crypto.getRandomValues(new Uint8Array(64));
  const nonce = scalarOf(hash1Prefix, privateKey, message, random);
  const commitment = ed25519.Point.BASE.multiply(nonce).toBytes();
  const challenge = scalarOf(commitment, edwardsKey, message);
  const signature = concat(commitment, numberToBytesLE(Fn.add(nonce, Fn.mul(challenge, secretScalar)), 32));
  signature[63]! |= edwardsKey[31]! & 0x80;
  wipe(random);
  return signature;
}

// The inversion takes a third of a verification, and a sender chain is verified by one key again and again.
const edwardsForms = new WeakMap<Uint8Array, readonly [positive: Uint8Array, negative: Uint8Array]>();

/** The two points with the key's y = (u - 1) / (u + 1), as Ed25519 encodes them; undefined for what signs nothing. */
function edwardsForm(publicKey: Uint8Array) {
  const known = edwardsForms.get(publicKey);
  if (known) return known;
  if (publicKey.length !== publicKeyLength || publicKey[0] !== keyType) return undefined;
  const u = bytesToNumberLE(publicKey.subarray(1));
  if (u >= prime || lowOrder.has(u)) return undefined;
  const y = numberToBytesLE(Fp.div(Fp.sub(u, 1n), Fp.add(u, 1n)), 32);
  const forms = [y, y.with(31, y[31]! | 0x80)] as const;
  edwardsForms.set(publicKey, forms);
  return forms;
}

/**
 * Whether `signature` is an XEdDSA signature of `message` by the Curve25519 key. It is checked as an ordinary Ed25519
 * signature by the same point in Edwards form.
 *
 * @param publicKey 33 bytes, which must not be changed in place afterwards
 */
export async function verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  on: Platform | Promise<Platform> = platform(),
): Promise<boolean> {
  if (signature.length !== signatureLength) return false;
  const edwardsKey = edwardsForm(publicKey)?.[signature[63]! >> 7];
  if (!edwardsKey) return false;
  const plain = signature.slice();
  plain[63]! &= 0x7f;
  const { verifyEd25519 } = await on;
  return verifyEd25519(edwardsKey, message, plain);
}
