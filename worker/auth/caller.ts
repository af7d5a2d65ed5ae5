import type { Context } from 'hono';
import type { AppEnv, Caller } from '../env.ts';
import { refuse } from '../problem.ts';
import { verifyAccessToken } from './access-token.ts';

/**
 * Who is asking, by the request's bearer token (RFC 6750), unless their session has been ended: the account's object knows at once, where
 * the token has minutes left. Throws `unauthenticated` and `session-revoked`.
 */
export async function authenticate(c: Context<AppEnv>): Promise<Caller> {
  const token = /^Bearer ([A-Za-z0-9._-]{1,2048})$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const caller = token && (await verifyAccessToken(c.env.JWT_PRIVATE_JWK, token));
  if (!caller) return refuse('unauthenticated');
  if (await c.env.ACCOUNTS.getByName(caller.userId).isOver(caller.sessionId))
    return refuse('session-revoked');
  c.set('caller', caller);
  return caller;
}
