import { type CryptoKey, errors, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod/mini';
import { Uuid } from '../../protocol/scalars.ts';
import type { Caller } from '../env.ts';

/** Seconds that an access token is good for. */
export const accessTokenLife = 600;

const issuer = 'stream-chat';
const audience = 'stream-chat-api';
const type = 'at+jwt';
const algorithm = 'EdDSA';

const PrivateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string().check(z.minLength(1)),
  x: z.string(),
  d: z.string(),
});
const Setting = z.union([z.array(PrivateJwk).check(z.minLength(1)), PrivateJwk]);
const Claims = z.object({ sub: Uuid, sid: Uuid });

interface Keys {
  readonly kid: string;
  readonly signing: CryptoKey;
  readonly verifying: ReadonlyMap<string, CryptoKey>;
}

let known: { setting: string; keys: Promise<Keys> } | undefined;

/** The keys of JWT_PRIVATE_JWK, imported once. */
function keysOf(setting: string): Promise<Keys> {
  if (known?.setting !== setting) known = { setting, keys: importKeys(setting) };
  return known.keys;
}

/** The keys of JWT_PRIVATE_JWK as they stand there, the one that signs first. */
export function privateKeysOf(setting: string): z.infer<typeof PrivateJwk>[] {
  const parsed = Setting.parse(JSON.parse(setting));
  return Array.isArray(parsed) ? parsed : [parsed];
}

async function importKeys(setting: string): Promise<Keys> {
  const jwks = privateKeysOf(setting);
  const first = jwks[0]!;
  const verifying = new Map<string, CryptoKey>();
  for (const { d: _, ...publicJwk } of jwks) verifying.set(publicJwk.kid, await importKey(publicJwk));
  return { kid: first.kid, signing: await importKey(first), verifying };
}

const importKey = async (jwk: JWK): Promise<CryptoKey> => (await importJWK(jwk, algorithm)) as CryptoKey;

/** A JWT access token (RFC 9068) for `caller`, signed with EdDSA by the first key of `setting` (JWT_PRIVATE_JWK). */
export async function makeAccessToken(setting: string, caller: Caller): Promise<string> {
  const { kid, signing } = await keysOf(setting);
  return new SignJWT({ sid: caller.sessionId })
    .setProtectedHeader({ alg: algorithm, typ: type, kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(caller.userId)
    .setIssuedAt()
    .setExpirationTime(`${accessTokenLife}s`)
    .sign(signing);
}

/** Whose token it is; undefined for one that isn't ours, isn't an access token or has expired. */
export async function verifyAccessToken(setting: string, token: string): Promise<Caller | undefined> {
  const { verifying } = await keysOf(setting);
  const byId = ({ kid }: { kid?: string }): CryptoKey => {
    const key = verifying.get(kid ?? '');
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  try {
    const { payload } = await jwtVerify(token, byId, {
      issuer,
      audience,
      typ: type,
      algorithms: [algorithm],
      requiredClaims: ['sub', 'sid', 'iat', 'exp'],
    });
    const claims = Claims.safeParse(payload);
    return claims.success ? { userId: claims.data.sub, sessionId: claims.data.sid } : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
