import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { agree, freshKeyPair, type KeyPair, keyPairFromPrivate } from '../signal/curve.ts';
import { wipe } from '../signal/primitives.ts';
import { FileError } from './errors.ts';

// HPKE (RFC 9180) in base mode, one message a context: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

/** Bytes of an encapsulated key, which precedes the ciphertext. */
export const encSize = 32;

const version = utf8('HPKE-v1');
const none = new Uint8Array(0);
// Section 4.1: "KEM" ‖ kem_id. Section 5.1: "HPKE" ‖ kem_id ‖ kdf_id ‖ aead_id.
const kemSuite = concat(utf8('KEM'), Uint8Array.of(0x00, 0x20));
const suite = concat(utf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x02));
const baseMode = Uint8Array.of(0x00);

/** LabeledExtract of section 4. */
const labeledExtract = (suiteId: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array =>
  extract(sha256, concat(version, suiteId, utf8(label), ikm), salt);

/** LabeledExpand of section 4, for fewer than 256 bytes. */
const labeledExpand = (
  suiteId: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> =>
  expand(sha256, prk, concat(Uint8Array.of(0, length), version, suiteId, utf8(label), info), length);

/** What both sides derive: the key and nonce of the context's first message (sections 4.1 and 5.1). */
async function schedule(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array, info: Uint8Array) {
  const prk = labeledExtract(kemSuite, none, 'eae_prk', dh);
  const shared = labeledExpand(kemSuite, prk, 'shared_secret', concat(enc, recipient), 32);
  const context = concat(
    baseMode,
    labeledExtract(suite, none, 'psk_id_hash', none),
    labeledExtract(suite, none, 'info_hash', info),
  );
  const secret = labeledExtract(suite, shared, 'secret', none);
  const key = labeledExpand(suite, secret, 'key', context, 32);
  const iv = labeledExpand(suite, secret, 'base_nonce', context, 12);
  const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
  wipe(dh, prk, shared, secret, key);
  return { aes, iv };
}

/**
 * Single-shot seal (RFC 9180, section 6.1) for the holder of an X25519 key: enc (32) ‖ ciphertext.
 *
 * @param publicKey in Signal's form, 05 ‖ u, 33 bytes
 * @param ephemeral the encapsulation's own key pair; given by tests alone
 * @throws SignalError `malformed` or `low-order-key` when the key is none
 */
export async function hpkeSeal(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array = none,
  ephemeral?: KeyPair,
): Promise<Uint8Array<ArrayBuffer>> {
  const pair = ephemeral ?? (await freshKeyPair());
  const enc = pair.publicKey.subarray(1);
  const dh = await agree(pair.privateKey, publicKey);
  const { aes, iv } = await schedule(dh, enc, publicKey.subarray(1), info);
  const algorithm = { name: 'AES-GCM', iv, additionalData: concat(aad) };
  return concat(enc, new Uint8Array(await crypto.subtle.encrypt(algorithm, aes, concat(plaintext))));
}

/**
 * Opens what `hpkeSeal` made.
 *
 * @param privateKey 32 bytes
 * @throws FileError `unwrap-failed` for anything else, and for an encapsulated key of small order
 */
export async function hpkeOpen(
  privateKey: Uint8Array,
  sealed: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array = none,
): Promise<Uint8Array<ArrayBuffer>> {
  const recipient = keyPairFromPrivate(privateKey);
  const enc = sealed.subarray(0, encSize);
  try {
    const dh = await agree(recipient.privateKey, concat(recipient.publicKey.subarray(0, 1), enc));
    const { aes, iv } = await schedule(dh, enc, recipient.publicKey.subarray(1), info);
    const algorithm = { name: 'AES-GCM', iv, additionalData: concat(aad) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, aes, concat(sealed.subarray(encSize))));
  } catch (cause) {
    throw new FileError('unwrap-failed', 'the wrapped key does not open', { cause });
  } finally {
    wipe(recipient.privateKey);
  }
}
