import type { Context } from 'hono';
import type { AppEnv, Caller } from '../env.ts';
import { refuse } from '../problem.ts';
import { verifyAccessToken } from './access-token.ts';

/** Who is asking, by the request's bearer token (RFC 6750); throws `unauthenticated`. */
export async function authenticate(c: Context<AppEnv>): Promise<Caller> {
  const token = /^Bearer ([A-Za-z0-9._-]{1,2048})$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const caller = token && (await verifyAccessToken(c.env.JWT_PRIVATE_JWK, token));
  if (!caller) return refuse('unauthenticated');
  c.set('caller', caller);
  return caller;
}
