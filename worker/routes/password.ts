import { and, eq } from 'drizzle-orm';
import type { Context, Hono } from 'hono';
import { routes } from '../../protocol/rest/index.ts';
import { isGuest } from '../../protocol/spelling.ts';
import { countAttempt } from '../auth/limits.ts';
import { closeSockets } from '../auth/live.ts';
import { hashPassword, passwordMatches } from '../auth/password.ts';
import { endOtherSessions } from '../auth/sessions.ts';
import { type Account, checkSpelling, findAccount, signIn } from '../auth/sign-in.ts';
import { openDatabase } from '../db/client.ts';
import { users } from '../db/schema.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv, Caller } from '../env.ts';
import { refuse } from '../problem.ts';

const noRecovery = { recoveryHash: null, recoverySecret: null };

/** Registers what changes how an account is unlocked: its password, and its recovery code. */
export function passwordRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.changePassword, async ({ body, caller }, c) => {
    const { wrappedSecret } = body;
    const account = await readAccount(c, caller);
    if (await passwordMatches(body.password, account.passwordHash))
      await change(c, account, { passwordHash: await hashPassword(body.newPassword), wrappedSecret });
    // Who lost the answer asks again.
    else if (!(await passwordMatches(body.newPassword, account.passwordHash))) refuse('wrong-password');
    await endSessions(c, account, caller.sessionId);
  });

  endpoint(app, routes.keepAccount, async ({ body, caller }, c) => {
    const { email, newPassword, wrappedSecret } = body;
    checkSpelling(email);
    if (isGuest(email))
      refuse('invalid-body', undefined, { errors: [{ pointer: '/email', detail: 'No address' }] });
    const account = await readAccount(c, caller);
    const hasEmail = () => refuse('conflict', 'This account has an email and a password already.');
    /** Whether it was done before, for who lost the answer. */
    const isDone = async () => {
      const owner = await findAccount(c, email);
      if (owner && owner.id !== account.id) refuse('email-taken');
      return owner !== undefined && ((await passwordMatches(newPassword, owner.passwordHash)) || hasEmail());
    };
    if (!isGuest(account.email)) {
      if (account.email !== email) hasEmail();
      await isDone();
      return;
    }
    if (!(await passwordMatches(body.password, account.passwordHash))) refuse('wrong-password');
    if (await isDone()) return;
    const passwordHash = await hashPassword(newPassword);
    await change(c, account, { email, passwordHash, wrappedSecret, ...noRecovery }).catch(async (error) => {
      // Somebody was a moment earlier.
      if (!(await isDone())) throw error;
    });
  });

  endpoint(app, routes.putRecovery, async ({ body, caller }, c) => {
    const account = await readAccount(c, caller);
    if (!(await passwordMatches(body.password, account.passwordHash))) refuse('wrong-password');
    const recoveryHash = await hashPassword(body.recoveryKey);
    await change(c, account, { recoveryHash, recoverySecret: body.wrappedSecret });
  });

  endpoint(app, routes.deleteRecovery, async ({ caller }, c) => {
    await openDatabase(c.env).update(users).set(noRecovery).where(eq(users.id, caller.userId));
  });

  endpoint(app, routes.readRecovery, async ({ body }, c) => {
    const { recoverySecret: wrappedSecret } = await recovered(c, body);
    return { wrappedSecret };
  });

  endpoint(app, routes.resetPassword, async ({ body }, c) => {
    const account = await recovered(c, body);
    const { wrappedSecret } = body;
    const passwordHash = await hashPassword(body.newPassword);
    const changed = await change(c, account, { passwordHash, wrappedSecret, ...noRecovery });
    await endSessions(c, account);
    return signIn(c, changed, body.transport);
  });
}

/** The caller's account, to be asked for its password: counts as an attempt to sign in. */
async function readAccount(c: Context<AppEnv>, { userId }: Caller): Promise<Account> {
  const [account] = await openDatabase(c.env).select().from(users).where(eq(users.id, userId));
  if (account?.status !== 'active') return refuse('unauthenticated');
  await countAttempt(c, account.email);
  return account;
}

type Recoverable = Account & { readonly recoverySecret: string };

/** The account that a recovery code is of; throws `wrong-credentials`, after the same time whatever is wrong. */
async function recovered(
  c: Context<AppEnv>,
  { email, recoveryKey }: { email: string; recoveryKey: string },
): Promise<Recoverable> {
  await countAttempt(c, email);
  const account = await findAccount(c, email);
  const matches = await passwordMatches(recoveryKey, account?.recoveryHash ?? undefined);
  if (!account || !matches || account.recoverySecret === null)
    return refuse('wrong-credentials', 'The email or the recovery code is wrong, or the code has been used.');
  if (account.status !== 'active') refuse('forbidden', 'This account is suspended.');
  return { ...account, recoverySecret: account.recoverySecret };
}

/**
 * Changes an account that is still as it was read; throws `conflict` when somebody changed how it is unlocked meanwhile: a hash of
 * one password beside the secret under another would lock its owner out.
 */
async function change(c: Context<AppEnv>, account: Account, values: Partial<Account>): Promise<Account> {
  const unchanged = and(
    eq(users.id, account.id),
    eq(users.passwordHash, account.passwordHash),
    // A code that is being spent is spent once.
    'recoveryHash' in values && account.recoveryHash !== null
      ? eq(users.recoveryHash, account.recoveryHash)
      : undefined,
  );
  const [changed] = await openDatabase(c.env).update(users).set(values).where(unchanged).returning();
  return changed ?? refuse('conflict', 'The password was changed at the same time. Try again.');
}

async function endSessions(c: Context<AppEnv>, { id }: Account, kept?: string): Promise<void> {
  await closeSockets(c, id, await endOtherSessions(openDatabase(c.env), id, kept));
}
