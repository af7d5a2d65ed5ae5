import type { Context } from 'hono';
import { nameOf } from '../../protocol/error-report.ts';
import type { AppEnv, Caller } from '../env.ts';
import { log } from '../ops/logs.ts';
import { refuse } from '../problem.ts';
import { verifyAccessToken } from './access-token.ts';

/**
 * Who is asking, by the request's bearer token (RFC 6750), unless their session has been ended: the account's object knows at once, where
 * the token has minutes left. Throws `unauthenticated` and `session-revoked`, and `unavailable` where
 * that can't be asked.
 */
export async function authenticate(c: Context<AppEnv>): Promise<Caller> {
  const token = /^Bearer ([A-Za-z0-9._-]{1,2048})$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const caller = token && (await verifyAccessToken(c.env.JWT_PRIVATE_JWK, token));
  if (!caller) return refuse('unauthenticated');
  if (await isOver(c, caller)) return refuse('session-revoked');
  c.set('caller', caller);
  return caller;
}

/** When to ask again where an account's object is away, in seconds. */
const retryAfter = 5;

/** Whether the session has been ended. An object that is away (it moves, is overloaded, or of the version before) lets nobody through. */
async function isOver(c: Context<AppEnv>, { userId, sessionId }: Caller): Promise<boolean> {
  // A stub that has failed once may stay broken: each try has its own.
  const ask = () => c.env.ACCOUNTS.getByName(userId).isOver(sessionId);
  try {
    return await ask().catch(ask);
  } catch (error) {
    log(c.env, { level: 'error', event: 'account-away', request: c.get('request'), error: nameOf(error) });
    return refuse('unavailable', undefined, { retryAfter });
  }
}
