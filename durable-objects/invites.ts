import { fromBase64 } from '../protocol/bytes.ts';
import { inviteLookSigned, rosterSigned, type SignedEntry } from '../protocol/roster.ts';

/** Whether `signature` over `signed` is by Ed25519 key `key` (RFC 8032); false for keys that are no point. */
async function verify(key: string, signature: string, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    const publicKey = await crypto.subtle.importKey('raw', fromBase64(key), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', publicKey, fromBase64(signature), signed);
  } catch {
    return false;
  }
}

/** Whether a `joined` entry carries the signature of the invite key that it names. */
export async function signedByInvite(entry: SignedEntry, inviteKey: string): Promise<boolean> {
  if (entry.inviteSignature === undefined) return false;
  return verify(inviteKey, entry.inviteSignature, rosterSigned(fromBase64(entry.body)));
}

/** Whether `proof` shows that `userId` holds the invitation `invite` to `room`. */
export const holdsInvite = (room: string, userId: string, invite: string, proof: string): Promise<boolean> =>
  verify(invite, proof, inviteLookSigned(room, userId));
