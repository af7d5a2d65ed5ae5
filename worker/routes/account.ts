import { eq } from 'drizzle-orm';
import type { Context, Hono } from 'hono';
import { type Receipt, routes } from '../../protocol/rest/index.ts';
import { exportOf } from '../account-export.ts';
import { countAttempt, countExport } from '../auth/limits.ts';
import { requireLiveSession } from '../auth/live.ts';
import { passwordMatches } from '../auth/password.ts';
import { clearRefreshCookie } from '../auth/refresh-cookie.ts';
import { openDatabase } from '../db/client.ts';
import { markDeleted } from '../db/erasure.ts';
import { users } from '../db/schema.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { log } from '../ops/logs.ts';
import { refuse } from '../problem.ts';
import { erase } from '../sweep/accounts.ts';

/** How long a person waits for what can be removed at once, in milliseconds; the sweep does the rest. */
const patience = 8_000;

/** Registers what is done with an account as a whole. */
export function accountRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.deleteAccount, async ({ body, caller }, c) => {
    const receipt = await lastMoment(c, caller.userId, body.password);
    await erase(c.env, caller.userId, Date.now() + patience).catch((error: unknown) =>
      log(c.env, {
        level: 'warn',
        event: 'erasure-left-to-the-sweep',
        request: c.get('request'),
        error: (error as Error).name,
      }),
    );
    clearRefreshCookie(c);
    return receipt;
  });

  endpoint(app, routes.exportAccount, async ({ caller }, c) => {
    // It brings the key backups along, for which a token that has outlived its session isn't enough.
    await requireLiveSession(c, caller);
    await countExport(c, caller);
    const [account] = await openDatabase(c.env).select().from(users).where(eq(users.id, caller.userId));
    if (account?.status !== 'active') return refuse('unauthenticated');
    return new Response(exportOf(c.env, account), {
      headers: {
        'content-type': 'application/json',
        'content-disposition': 'attachment; filename="stream-chat-account.json"',
      },
    });
  });
}

/** Deletes the account by its password; where that is done already, who still has a token of it is answered the same. */
async function lastMoment(c: Context<AppEnv>, userId: string, password: string): Promise<Receipt> {
  const database = openDatabase(c.env);
  const [account] = await database.select().from(users).where(eq(users.id, userId));
  if (account?.deletion) return account.deletion;
  if (account?.status !== 'active') return refuse('unauthenticated');
  await countAttempt(c, account.email);
  if (!(await passwordMatches(password, account.passwordHash))) refuse('wrong-password');
  const receipt = await markDeleted(database, userId, account.passwordHash);
  return receipt ?? refuse('conflict', 'The password was changed at the same time. Try again.');
}
