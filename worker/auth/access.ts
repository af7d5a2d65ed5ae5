import type { Context } from 'hono';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod/mini';
import type { AppEnv, Env } from '../env.ts';
import { refuse } from '../problem.ts';

/** What Cloudflare Access signs with. Pinned: a token names an algorithm, and is not asked. */
const algorithm = 'RS256';
const Claims = z.object({ email: z.string() });

let known: { issuer: string; keys: JWTVerifyGetKey } | undefined;

/** The team's public keys, fetched when they are first needed and again when one is unknown. */
function keysOf(issuer: string): JWTVerifyGetKey {
  if (known?.issuer !== issuer)
    known = { issuer, keys: createRemoteJWKSet(new URL('/cdn-cgi/access/certs', issuer)) };
  return known.keys;
}

/**
 * The email that Cloudflare Access has let in, by its token (`Cf-Access-Jwt-Assertion`). Undefined for a token that is none, of another
 * team or application, or over.
 */
export async function verifyAccess(
  token: string,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
  keys: JWTVerifyGetKey = keysOf(issuer),
): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [algorithm],
      requiredClaims: ['exp', 'iat', 'sub'],
    });
    return Claims.safeParse(payload).data?.email;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

type Settings = Pick<Env, 'ACCESS_ISSUER' | 'ACCESS_AUDIENCE'>;

/**
 * Where Access is set up, lets nobody through but whom it has let in under the same email. Half a set-up lets nobody through.
 * Throws `forbidden`.
 */
export async function requireAccess(c: Context<AppEnv>, email: string): Promise<void> {
  const { ACCESS_ISSUER: issuer, ACCESS_AUDIENCE: audience }: Settings = c.env;
  if (!issuer && !audience) return;
  const token = c.req.header('cf-access-jwt-assertion');
  const admitted = issuer && audience && token && (await verifyAccess(token, { issuer, audience }));
  if (!admitted || admitted.toLowerCase() !== email)
    refuse('forbidden', 'Cloudflare Access has not let this account in.');
}
