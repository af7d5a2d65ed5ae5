import { utf8 } from '../../protocol/bytes.ts';
import { FileError } from './errors.ts';
import { encSize, hpkeOpen, hpkeSeal } from './hpke.ts';
import { fileKeySize } from './keys.ts';

/** Bytes of a wrapped file key: encapsulated key, key, tag. */
export const wrappedKeySize = encSize + fileKeySize + 16;

/** Whom a file key is wrapped for, and where: a key moved to another room, file or person does not open. */
export interface WrapContext {
  readonly roomId: string;
  readonly fileId: string;
  readonly recipientId: string;
}

/**
 * Wraps a file key by HPKE for the owner of `identityKey` (Signal's form, 05 ‖ u, 33 bytes): enc (32) ‖ ciphertext (48).
 * Throws RangeError for a key of another form or size, SignalError `low-order-key` for one of small order.
 */
export async function wrapKey(
  dek: Uint8Array,
  identityKey: Uint8Array,
  context: WrapContext,
): Promise<Uint8Array<ArrayBuffer>> {
  if (dek.length !== fileKeySize) throw new RangeError('a file key has 32 bytes');
  if (identityKey.length !== 33 || identityKey[0] !== 5)
    throw new RangeError('an identity key is 05 and 32 bytes');
  return hpkeSeal(identityKey, dek, info(context));
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
