import { and, eq, sql } from 'drizzle-orm';
import type { Context } from 'hono';
import { openDatabase } from '../db/client.ts';
import { sessions, users } from '../db/schema.ts';
import type { AppEnv, Caller } from '../env.ts';
import { refuse } from '../problem.ts';
import { requireAccess } from './access.ts';
import type { Account } from './sign-in.ts';

/** Minutes for which a session may moderate after its person gave their password. */
export const elevation = 30;

export interface Moderator extends Caller {
  readonly role: 'moderator' | 'admin';
}

/**
 * The caller as a moderator or admin, by the account's row at this moment: a token says nothing of roles, so taking one away counts at
 * once. With `admin` only admins pass. Everything here refuses unless all of it is there. Throws `forbidden`, `session-revoked`,
 * `step-up-required`.
 */
export async function requireModerator(
  c: Context<AppEnv>,
  caller: Caller,
  needs: 'moderator' | 'admin' = 'moderator',
): Promise<Moderator> {
  const { role, email, elevated } = await readRole(c, caller);
  if (role === 'user' || (needs === 'admin' && role !== 'admin')) return refuse('forbidden');
  await requireAccess(c, email);
  if (!elevated) return refuse('step-up-required');
  return { ...caller, role };
}

/** Who asks, without the password given again. */
export async function readRole(
  c: Context<AppEnv>,
  { userId, sessionId }: Caller,
): Promise<Pick<Account, 'role' | 'email' | 'passwordHash'> & { readonly elevated: boolean }> {
  const [row] = await openDatabase(c.env)
    .select({
      role: users.role,
      email: users.email,
      passwordHash: users.passwordHash,
      elevated: sql<boolean>`coalesce(${sessions.elevatedUntil} > now(), false)`,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, sessionId),
        eq(users.id, userId),
        eq(users.status, 'active'),
        sql`${sessions.revokedAt} is null and ${sessions.expiresAt} > now()`,
      ),
    );
  return row ?? refuse('session-revoked');
}
