import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import type { Mark, WatchFrame } from '../../protocol/cowatch.ts';
import { openWith, sealWith } from '../account/seal.ts';
import { sign, verify } from '../signal/curve.ts';
import { unpad } from './padding.ts';

/**
 * Frames of people who watch together. Each page that watches has a key pair of its own (Ed25519), which the person's identity vouches
 * for once; by it every frame is signed. What is signed is then sealed under a key of the room secret, so that the service sees none of it.
 */

const sealingKey = (secret: Uint8Array) =>
  hkdf(sha256, secret, undefined, utf8('Stream Chat room watching v1'), 32);

/** What a frame is padded to a multiple of, and the most that it may have so that it fits an `ephemeral` frame. */
const step = 1024;
const most = 3 * step - 1;

/** Pads (ISO/IEC 7816-4) and seals the plaintext of a frame for whoever has the room secret. Throws a RangeError when it is too long. */
export const sealWatch = (
  secret: Uint8Array,
  sender: string,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> => {
  if (plaintext.length > most) throw new RangeError('a frame of a watch is too long');
  const padded = new Uint8Array(Math.ceil((plaintext.length + 1) / step) * step);
  padded.set(plaintext);
  padded[plaintext.length] = 0x80;
  return sealWith(sealingKey(secret), padded, `watching ${sender}`);
};

/** What `sealWatch` sealed; throws when it was altered, or sealed for somebody else. */
export const openWatch = async (
  secret: Uint8Array,
  sender: string,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> => unpad(await openWith(sealingKey(secret), sealed, `watching ${sender}`));

const vouched = (room: string, watcher: string) =>
  concat(utf8('Stream Chat watcher v1\0'), utf8(room), fromBase64(watcher));

/** The identity's word (XEdDSA) that `watcher`'s key is its own, in `room`. */
export const vouchFor = (identityPrivateKey: Uint8Array, room: string, watcher: string): string =>
  toBase64(sign(identityPrivateKey, vouched(room, watcher)));

/** Whether `proof` is the word of the person with `identityKey`. */
export const isVouchedFor = (
  identityKey: Uint8Array<ArrayBuffer>,
  room: string,
  watcher: string,
  proof: string,
): Promise<boolean> => verify(identityKey, vouched(room, watcher), fromBase64(proof));

/** What a frame's signature covers. */
const frameSigned = (room: string, { watch, n, text }: Pick<WatchFrame, 'watch' | 'n' | 'text'>) =>
  utf8(`Stream Chat watch frame v1\0${room}${watch}${n}\0${text}`);

/** A watcher's key pair and the word for it. */
export interface Watcher {
  /** The public key, base64url. */
  readonly id: string;
  readonly proof: string;
  readonly key: CryptoKey;
}

/** A new watcher, vouched for by `vouch` (the person's identity). */
export async function createWatcher(vouch: (watcher: string) => Promise<string>): Promise<Watcher> {
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const { privateKey, publicKey } = pair as CryptoKeyPair;
  const id = toBase64(new Uint8Array((await crypto.subtle.exportKey('raw', publicKey)) as ArrayBuffer));
  return { id, proof: await vouch(id), key: privateKey };
}

const signBy = async ({ key }: Watcher, message: Uint8Array<ArrayBuffer>): Promise<string> =>
  toBase64(new Uint8Array(await crypto.subtle.sign('Ed25519', key, message)));

/** Signs a frame. */
export const signFrame = async (
  watcher: Watcher,
  room: string,
  said: Pick<WatchFrame, 'watch' | 'n' | 'text'>,
): Promise<WatchFrame> => ({
  v: 1,
  ...said,
  watcher: watcher.id,
  proof: watcher.proof,
  signature: await signBy(watcher, frameSigned(room, said)),
});

/** A watcher's mark, by `userId`, on what `message` says. */
export const makeMark = async (
  watcher: Watcher,
  userId: string,
  message: Uint8Array<ArrayBuffer>,
): Promise<Mark> => ({
  by: userId,
  watcher: watcher.id,
  proof: watcher.proof,
  signature: await signBy(watcher, message),
});

async function isSignedBy(
  watcher: string,
  message: Uint8Array<ArrayBuffer>,
  signature: string,
): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', fromBase64(watcher), 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, fromBase64(signature), message);
}

/** Whether a frame is what its watcher signed in `room`. That the watcher is who they are said to be, `isVouchedFor` tells. */
export const isFrameGenuine = (room: string, frame: WatchFrame): Promise<boolean> =>
  isSignedBy(frame.watcher, frameSigned(room, frame), frame.signature);

/** Whether a mark's watcher signed `message`. That the watcher is who they are said to be, `isVouchedFor` tells. */
export const isMarkGenuine = (
  { watcher, signature }: Mark,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> => isSignedBy(watcher, message, signature);
