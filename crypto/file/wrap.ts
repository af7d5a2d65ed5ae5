import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { concat, utf8 } from '../../protocol/bytes.ts';
import { FileError } from './errors.ts';
import { fileKeySize } from './keys.ts';

/** HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

const encSize = 32;
/** Bytes of a wrapped file key: encapsulated key, key, tag. */
export const wrappedKeySize = encSize + fileKeySize + 16;

/** Whom a file key is wrapped for, and where: a key moved to another room, file or person does not open. */
export interface WrapContext {
  readonly roomId: string;
  readonly fileId: string;
  readonly recipientId: string;
}

/**
 * Wraps a file key for the owner of `identityKey` (Signal's form, 05 ‖ u, 33 bytes): enc (32) ‖ ciphertext (48).
 * Throws RangeError for a key of another form or size.
 */
export async function wrapKey(
  dek: Uint8Array,
  identityKey: Uint8Array,
  context: WrapContext,
): Promise<Uint8Array<ArrayBuffer>> {
  if (dek.length !== fileKeySize) throw new RangeError('a file key has 32 bytes');
  if (identityKey.length !== 33 || identityKey[0] !== 5)
    throw new RangeError('an identity key is 05 and 32 bytes');
  return hpkeSeal(identityKey.subarray(1), dek, info(context));
}

/**
 * Opens a wrapped file key with the 32-byte private identity key. Throws `FileError('unwrap-failed')` when it was
 * made for another person, room or file, or altered.
 */
export async function unwrapKey(
  wrapped: Uint8Array,
  identityPrivateKey: Uint8Array,
  context: WrapContext,
): Promise<Uint8Array<ArrayBuffer>> {
  if (wrapped.length !== wrappedKeySize)
    throw new FileError('unwrap-failed', 'a wrapped file key has 80 bytes');
  return hpkeOpen(identityPrivateKey, wrapped, info(context));
}

/** The label keeps these wraps apart from every other use of the identity key; the ids have a fixed length. */
const info = ({ roomId, fileId, recipientId }: WrapContext) =>
  utf8(`Stream Chat file key v1\n${roomId}\n${fileId}\n${recipientId}`);

const copy = (bytes: Uint8Array): ArrayBuffer => concat(bytes).buffer;

/** Single-shot HPKE seal to a raw X25519 public key (32 bytes): enc ‖ ciphertext. */
export async function hpkeSeal(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array = new Uint8Array(),
): Promise<Uint8Array<ArrayBuffer>> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(copy(publicKey));
  const sealed = await suite.seal({ recipientPublicKey, info: copy(info) }, copy(plaintext), copy(aad));
  return concat(new Uint8Array(sealed.enc), new Uint8Array(sealed.ct));
}

/** Opens what `hpkeSeal` made; throws `FileError('unwrap-failed')` for anything else. */
export async function hpkeOpen(
  privateKey: Uint8Array,
  sealed: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array = new Uint8Array(),
): Promise<Uint8Array<ArrayBuffer>> {
  const recipientKey = await suite.kem.deserializePrivateKey(copy(privateKey));
  const enc = copy(sealed.subarray(0, encSize));
  try {
    const opened = await suite.open(
      { recipientKey, enc, info: copy(info) },
      copy(sealed.subarray(encSize)),
      copy(aad),
    );
    return new Uint8Array(opened);
  } catch (cause) {
    throw new FileError('unwrap-failed', 'the wrapped key does not open', { cause });
  }
}
