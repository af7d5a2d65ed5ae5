import type { Context } from 'hono';
import { concat, fromBase64, toBase64 } from '../../protocol/bytes.ts';
import type { AppEnv } from '../env.ts';
import { firstTime } from './limits.ts';
import { macKeys, macSize } from './mac.ts';

const purpose = 'stream-chat passkey challenge 1';
/** Seconds that a challenge is good for. */
const life = 300;
const bodySize = 24;

/** A challenge for a passkey, which nobody has to keep: 16 random bytes, when it ends, and a MAC over both; base64url. */
export async function makeChallenge(c: Context<AppEnv>): Promise<string> {
  const body = crypto.getRandomValues(new Uint8Array(bodySize));
  new DataView(body.buffer).setBigUint64(16, BigInt(Date.now() + life * 1000));
  const [key] = await macKeys(c.env.JWT_PRIVATE_JWK, purpose);
  return toBase64(concat(body, new Uint8Array(await crypto.subtle.sign('HMAC', key!, body))));
}

/** Whether `challenge` is one of ours, in its time and not taken before: true once. */
export async function takeChallenge(c: Context<AppEnv>, challenge: string): Promise<boolean> {
  const bytes = fromBase64(challenge);
  if (bytes.length !== bodySize + macSize) return false;
  const [body, mac] = [bytes.slice(0, bodySize), bytes.slice(bodySize)];
  if (Number(new DataView(body.buffer).getBigUint64(16)) < Date.now()) return false;
  for (const key of await macKeys(c.env.JWT_PRIVATE_JWK, purpose)) {
    if (await crypto.subtle.verify('HMAC', key, mac, body))
      return firstTime(c, `challenge:${challenge}`, life);
  }
  return false;
}
