import { utf8 } from '../../protocol/bytes.ts';
import { hkdfSha256 } from '../signal/primitives.ts';

const label = 'Stream Chat passkey wrap key v1';
const outputLength = 32;

/**
 * The key (32 bytes) under which a passkey wraps the account secret, from what its `prf` extension answered (WebAuthn Level 3,
 * section 10.1.4). The passkey's signature, which the service checks, tells nothing about it.
 *
 * @throws RangeError when that isn't 32 bytes
 */
export function derivePasskeyKey(prfOutput: Uint8Array): Uint8Array<ArrayBuffer> {
  if (prfOutput.length !== outputLength) throw new RangeError('a prf output has 32 bytes');
  return hkdfSha256(prfOutput, undefined, utf8(label), 32);
}
