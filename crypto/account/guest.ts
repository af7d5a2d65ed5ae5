import { utf8 } from '../../protocol/bytes.ts';
import { hkdfSha256 } from '../signal/primitives.ts';

const label = 'Stream Chat guest auth key v1';

/**
 * What shows the service that a guest's account is one's own (32 bytes), in place of what is derived from a password: a guest has none,
 * and the account secret is with nobody else.
 */
export const deriveGuestKey = (secret: Uint8Array): Uint8Array<ArrayBuffer> =>
  hkdfSha256(secret, undefined, utf8(label), 32);
