import { eq } from 'drizzle-orm';
import type { Context } from 'hono';
import type { SignedIn, Tokens, User } from '../../protocol/rest/index.ts';
import { normaliseEmail } from '../../protocol/spelling.ts';
import { openDatabase } from '../db/client.ts';
import { users } from '../db/schema.ts';
import type { AppEnv } from '../env.ts';
import { refuse } from '../problem.ts';
import { accessTokenLife, makeAccessToken } from './access-token.ts';
import { setRefreshCookie } from './refresh-cookie.ts';
import { type Issued, startSession } from './sessions.ts';

export type Account = typeof users.$inferSelect;
export type Transport = 'cookie' | 'body';

export async function findAccount(c: Context<AppEnv>, email: string): Promise<Account | undefined> {
  const [account] = await openDatabase(c.env).select().from(users).where(eq(users.email, email));
  return account;
}

/** One spelling for an email, or one person could have two accounts under what looks the same. Throws `invalid-body`. */
export function checkSpelling(email: string): void {
  if (normaliseEmail(email) === email) return;
  refuse('invalid-body', undefined, { errors: [{ pointer: '/email', detail: 'Not in its normal form' }] });
}

/** Starts a session of `account`; throws `forbidden` for one that is suspended. */
export async function signIn(c: Context<AppEnv>, account: Account, transport: Transport): Promise<SignedIn> {
  if (account.status !== 'active') refuse('forbidden', 'This account is suspended.');
  const tokens = await tokensFor(c, await startSession(openDatabase(c.env), account.id), transport);
  return { ...tokens, user: userOf(account), ...secretsOf(account) };
}

/** The tokens of a session: the refresh token in its cookie, or in the reply. */
export async function tokensFor(c: Context<AppEnv>, issued: Issued, transport: Transport): Promise<Tokens> {
  const accessToken = await makeAccessToken(c.env.JWT_PRIVATE_JWK, issued);
  const tokens = { accessToken, expiresIn: accessTokenLife };
  if (transport === 'body') return { ...tokens, refreshToken: issued.refreshToken };
  setRefreshCookie(c, issued.refreshToken);
  return tokens;
}

export const userOf = (account: Account): User => ({
  id: account.id,
  email: account.email,
  publicKey: account.publicKey,
  role: account.role,
  createdAt: account.createdAt.toISOString(),
});

export const secretsOf = (account: Account): Pick<SignedIn, 'wrappedSecret' | 'sealedProfile'> => ({
  wrappedSecret: account.wrappedSecret,
  sealedProfile: account.sealedProfile,
});
