import { equalBytes, fromBase64, toBase64 } from '../../protocol/bytes.ts';

/**
 * The server's own hash over `authKey`, which is Argon2id's work already (DESIGN section 3): PBKDF2-SHA-256 at the most
 * iterations that Workers allow, so that who reads the table cannot sign in with what is there.
 */
const iterations = 100_000;
const scheme = 'pbkdf2-sha256';

/** What an unknown email is checked against, so that it takes as long as a known one. */
const decoy = `${scheme}$${iterations}$${toBase64(new Uint8Array(16))}$${toBase64(new Uint8Array(32))}`;

/** The hash of `authKey` (base64url) under a fresh salt, as `pbkdf2-sha256$iterations$salt$hash`. */
export async function hashPassword(authKey: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return `${scheme}$${iterations}$${toBase64(salt)}$${toBase64(await derive(authKey, salt, iterations))}`;
}

/** Whether `authKey` is what `stored` was made of; takes the same time, and is false, when there is none. */
export async function passwordMatches(authKey: string, stored: string | undefined): Promise<boolean> {
  const [, rounds, salt, hash] = (stored ?? decoy).split('$');
  if (!rounds || !salt || !hash) throw new TypeError('a password hash of the database is malformed');
  const derived = await derive(authKey, fromBase64(salt), Number(rounds));
  return equalBytes(derived, fromBase64(hash)) && stored !== undefined;
}

async function derive(
  authKey: string,
  salt: Uint8Array<ArrayBuffer>,
  rounds: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', fromBase64(authKey), 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}
