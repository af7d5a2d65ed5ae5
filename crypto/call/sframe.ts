import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { wipe } from '../signal/primitives.ts';
import { CallError } from './errors.ts';

// SFrame (RFC 9605) with the suite AES_256_GCM_SHA512_128.

const suite = 5;
const keySize = 32;
const nonceSize = 12;
/** Bytes of the authentication tag that ends a frame. */
export const tagSize = 16;

/** Where a frame's key and counter stand (section 4.3), and how many bytes that took. */
export interface FrameHeader {
  readonly kid: bigint;
  readonly ctr: bigint;
  readonly size: number;
}

/** A key of one sender, for one epoch and track. */
export interface FrameKey {
  readonly kid: bigint;
  readonly aes: CryptoKey;
  readonly salt: Uint8Array<ArrayBuffer>;
}

/** `value` in as few big-endian bytes as hold it. */
function shortest(value: bigint): number[] {
  const out: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) out.unshift(Number(rest & 255n));
  return out.length === 0 ? [0] : out;
}

/** Three bits of the config byte for `value`, and the bytes that follow it (section 4.3). */
const field = (value: bigint): [bits: number, bytes: number[]] => {
  if (value < 8n) return [Number(value), []];
  const bytes = shortest(value);
  return [8 | (bytes.length - 1), bytes];
};

/** The SFrame header of section 4.3, 1 to 17 bytes; both values below 2⁶⁴. */
export function encodeHeader(kid: bigint, ctr: bigint): Uint8Array<ArrayBuffer> {
  const [k, kidBytes] = field(kid);
  const [c, ctrBytes] = field(ctr);
  return Uint8Array.of((k << 4) | c, ...kidBytes, ...ctrBytes);
}

/**
 * Reads the header at the start of `frame`.
 *
 * @throws CallError `malformed` when it is cut
 */
export function decodeHeader(frame: Uint8Array): FrameHeader {
  const config = frame[0];
  if (config === undefined) throw new CallError('malformed', 'an empty frame');
  let at = 1;
  const read = (bits: number): bigint => {
    if ((bits & 8) === 0) return BigInt(bits);
    const end = at + (bits & 7) + 1;
    if (end > frame.length) throw new CallError('malformed', 'the header is cut');
    let value = 0n;
    for (; at < end; at++) value = (value << 8n) | BigInt(frame[at]!);
    return value;
  };
  const kid = read(config >> 4);
  const ctr = read(config & 15);
  return { kid, ctr, size: at };
}

function bigEndian(value: bigint, size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  new DataView(out.buffer).setBigUint64(size - 8, value);
  return out;
}

/**
 * What is used with frames of `kid`, from a base key of any length (section 4.4.2). WebCrypto holds the key afterwards; the bytes
 * derived on the way are overwritten, `baseKey` is the caller's.
 */
export async function deriveFrameKey(baseKey: Uint8Array, kid: bigint): Promise<FrameKey> {
  const label = (what: string): Uint8Array =>
    concat(utf8(`SFrame 1.0 Secret ${what} `), bigEndian(kid, 8), Uint8Array.of(0, suite));
  const secret = extract(sha512, baseKey, new Uint8Array(0));
  const key = concat(expand(sha512, secret, label('key'), keySize));
  const salt = concat(expand(sha512, secret, label('salt'), nonceSize));
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
  wipe(secret, key);
  return { kid, aes, salt };
}

/** AES-GCM's parameters for one frame (section 4.4.3): the salt with the counter, over header and metadata. */
function parameters(key: FrameKey, ctr: bigint, header: Uint8Array, metadata: Uint8Array): AesGcmParams {
  const iv = bigEndian(ctr, nonceSize);
  for (let i = 0; i < nonceSize; i++) iv[i]! ^= key.salt[i]!;
  return { name: 'AES-GCM', iv, additionalData: concat(header, metadata) };
}

/**
 * Header ‖ ciphertext ‖ tag of a frame (section 4.4.3). No counter may serve twice under one key.
 *
 * @param metadata authenticated and not contained: the bytes that go before the frame in clear
 */
export async function sealFrame(
  key: FrameKey,
  ctr: bigint,
  plaintext: Uint8Array<ArrayBuffer>,
  metadata: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = encodeHeader(key.kid, ctr);
  const sealed = await crypto.subtle.encrypt(parameters(key, ctr, header, metadata), key.aes, plaintext);
  return concat(header, new Uint8Array(sealed));
}

/**
 * Opens what `sealFrame` made (section 4.4.4).
 *
 * @param header of `frame`, by `decodeHeader`
 * @throws CallError `tampered` for anything else
 */
export async function openFrame(
  key: FrameKey,
  header: FrameHeader,
  frame: Uint8Array<ArrayBuffer>,
  metadata: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = parameters(key, header.ctr, frame.subarray(0, header.size), metadata);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key.aes, frame.subarray(header.size)));
  } catch (cause) {
    throw new CallError('tampered', 'the frame does not authenticate', { cause });
  }
}
