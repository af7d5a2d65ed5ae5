import { eq } from 'drizzle-orm';
import type { Context, Hono } from 'hono';
import { uuidv7 } from 'uuidv7';
import { routes } from '../../protocol/rest/index.ts';
import { countAttempt } from '../auth/limits.ts';
import { closeSockets } from '../auth/live.ts';
import { fromSameOrigin } from '../auth/origin.ts';
import { hashPassword, passwordMatches } from '../auth/password.ts';
import { clearRefreshCookie, readRefreshCookie } from '../auth/refresh-cookie.ts';
import { endSession, exchangeToken } from '../auth/sessions.ts';
import {
  type Account,
  checkSpelling,
  findAccount,
  secretsOf,
  signIn,
  type Transport,
  tokensFor,
  userOf,
} from '../auth/sign-in.ts';
import { openDatabase } from '../db/client.ts';
import { users } from '../db/schema.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { refuse } from '../problem.ts';

/** Registers `/auth/*`. */
export function authRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.register, async ({ body }, c) => {
    checkSpelling(body.email);
    await countAttempt(c, body.email);
    let account = await findAccount(c, body.email);
    if (!account) {
      const created = await createAccount(c, body);
      if (created) return signIn(c, created, body.transport);
      account = await findAccount(c, body.email);
    }
    // Who lost the answer asks again with the same password; anybody else hears that the email is taken.
    if (!account || !(await passwordMatches(body.password, account.passwordHash)))
      return refuse('email-taken');
    return signIn(c, account, body.transport);
  });

  endpoint(app, routes.login, async ({ body }, c) => {
    await countAttempt(c, body.email);
    const account = await findAccount(c, body.email);
    const matches = await passwordMatches(body.password, account?.passwordHash);
    if (!account || !matches) return refuse('wrong-credentials');
    return signIn(c, account, body.transport);
  });

  endpoint(app, routes.refresh, async ({ body }, c) => {
    const { token, transport } = presentedToken(c, body.refreshToken);
    const exchange = token === undefined ? undefined : await exchangeToken(openDatabase(c.env), token);
    if (exchange && 'issued' in exchange) return tokensFor(c, exchange.issued, transport);
    if (exchange) await closeSockets(c, exchange.reused.userId, [exchange.reused.sessionId]);
    if (transport === 'cookie') clearRefreshCookie(c);
    return refuse('session-revoked');
  });

  endpoint(app, routes.logout, async ({ body }, c) => {
    const { token, transport } = presentedToken(c, body.refreshToken);
    const ended = token === undefined ? undefined : await endSession(openDatabase(c.env), token);
    if (ended) await closeSockets(c, ended.userId, [ended.sessionId]);
    if (transport === 'cookie') clearRefreshCookie(c);
  });

  endpoint(app, routes.putProfile, async ({ body, caller }, c) => {
    await openDatabase(c.env).update(users).set(body).where(eq(users.id, caller.userId));
  });

  endpoint(app, routes.me, async ({ caller }, c) => {
    const [account] = await openDatabase(c.env).select().from(users).where(eq(users.id, caller.userId));
    if (account?.status !== 'active') return refuse('unauthenticated');
    return { user: userOf(account), ...secretsOf(account), recovery: account.recoveryHash !== null };
  });
}

type NewAccount = Pick<Account, 'email' | 'publicKey' | 'wrappedSecret'> & {
  readonly password: string;
  readonly sealedProfile?: string | undefined;
};

/** The new account; undefined when somebody else was first with this email. */
async function createAccount(c: Context<AppEnv>, body: NewAccount): Promise<Account | undefined> {
  const [account] = await openDatabase(c.env)
    .insert(users)
    .values({
      id: uuidv7(),
      email: body.email,
      publicKey: body.publicKey,
      passwordHash: await hashPassword(body.password),
      wrappedSecret: body.wrappedSecret,
      sealedProfile: body.sealedProfile ?? null,
    })
    .onConflictDoNothing({ target: users.email })
    .returning();
  return account;
}

/** The refresh token of the body, else of the cookie: that one only counts when the request says that it is our page's. */
function presentedToken(
  c: Context<AppEnv>,
  ofBody: string | undefined,
): { token: string | undefined; transport: Transport } {
  if (ofBody !== undefined) return { token: ofBody, transport: 'body' };
  const token = readRefreshCookie(c);
  if (token !== undefined && !fromSameOrigin(c)) refuse('foreign-origin');
  return { token, transport: 'cookie' };
}
