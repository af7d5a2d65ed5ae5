import { and, count, desc, eq, lt, or, sql } from 'drizzle-orm';
import type { Database } from './client.ts';
import { passkeys, users } from './schema.ts';

export type PasskeyRow = typeof passkeys.$inferSelect;

/** How many passkeys `userId` has. */
export async function countPasskeys(database: Database, userId: string): Promise<number> {
  const [found] = await database.select({ n: count() }).from(passkeys).where(eq(passkeys.userId, userId));
  return found!.n;
}

/** Keeps a passkey; answers whether there was none of its id. */
export async function insertPasskey(database: Database, row: typeof passkeys.$inferInsert): Promise<boolean> {
  const added = await database
    .insert(passkeys)
    .values(row)
    .onConflictDoNothing({ target: passkeys.id })
    .returning({ id: passkeys.id });
  return added.length > 0;
}

/** The passkeys of `userId`, the newest first. */
export const passkeysOf = (database: Database, userId: string): Promise<PasskeyRow[]> =>
  database.select().from(passkeys).where(eq(passkeys.userId, userId)).orderBy(desc(passkeys.createdAt));

/** Removes a passkey of `userId`; answers whether there was one. */
export async function deletePasskey(database: Database, userId: string, id: string): Promise<boolean> {
  const { rowCount } = await database
    .delete(passkeys)
    .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)));
  return rowCount > 0;
}

/** A passkey and whose it is. */
export async function findPasskey(database: Database, id: string) {
  const [found] = await database
    .select({ passkey: passkeys, account: users })
    .from(passkeys)
    .innerJoin(users, eq(users.id, passkeys.userId))
    .where(eq(passkeys.id, id));
  return found;
}

/**
 * Notes that a passkey has signed; answers false where its count has not grown: then another one signs in its name (WebAuthn, section
 * 6.1.1). Those that don't count say 0.
 */
export async function usePasskey(database: Database, id: string, signCount: number): Promise<boolean> {
  const grown = or(lt(passkeys.signCount, signCount), and(eq(passkeys.signCount, 0), sql`${signCount} = 0`));
  const { rowCount } = await database
    .update(passkeys)
    .set({ signCount, usedAt: new Date() })
    .where(and(eq(passkeys.id, id), grown));
  return rowCount > 0;
}
