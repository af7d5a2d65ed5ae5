import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../protocol/bytes.ts';
import { openWith, sealWith } from '../account/seal.ts';

/**
 * The room secret: 32 random bytes that every member has from the invitation. It hides the room's name and the
 * members' names from the server; messages and files never depend on it.
 */
export const createRoomSecret = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(32));

const labelKey = (secret: Uint8Array) =>
  hkdf(sha256, secret, undefined, utf8('Stream Chat room labels v1'), 32);

/** Seals a short text (`what` says which, and is authenticated) under the room secret; base64url. */
export const sealLabel = async (
  secret: Uint8Array,
  what: 'name' | 'profile',
  text: string,
): Promise<string> => toBase64(await sealWith(labelKey(secret), utf8(text), what));

/** The text that `sealLabel` sealed; throws when it was altered. */
export const openLabel = async (
  secret: Uint8Array,
  what: 'name' | 'profile',
  sealed: string,
): Promise<string> => fromUtf8(await openWith(labelKey(secret), fromBase64(sealed), what));

const passingKey = (secret: Uint8Array) =>
  hkdf(sha256, secret, undefined, utf8('Stream Chat room moments v1'), 32);

/** Seals what `sender` says for a moment, for whoever has the room secret; base64url. */
export const sealPassing = async (
  secret: Uint8Array,
  sender: string,
  plaintext: Uint8Array,
): Promise<string> => toBase64(await sealWith(passingKey(secret), plaintext, `passing ${sender}`));

/** What `sealPassing` sealed; throws when it was altered, or sealed for somebody else. */
export const openPassing = async (
  secret: Uint8Array,
  sender: string,
  sealed: string,
): Promise<Uint8Array<ArrayBuffer>> => openWith(passingKey(secret), fromBase64(sealed), `passing ${sender}`);
