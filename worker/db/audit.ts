import { asc, gt, type SQL, sql } from 'drizzle-orm';
import { auditLock, auditStatement, type Deed } from './audit-statement.ts';
import type { Database } from './client.ts';
import { auditLog } from './schema.ts';

/**
 * Does `change` and writes it into the audit log, both or neither; answers whether there was anything to do. `change` is one statement
 * that returns a column `id` for each row that it changed; `along` are statements of the same moment that may read it as `done`.
 */
export async function audited(
  database: Database,
  deed: Deed,
  change: SQL,
  along: readonly SQL[] = [],
): Promise<boolean> {
  const [, written] = await database.batch([
    database.execute(auditLock),
    database.execute(auditStatement(deed, change, along)),
  ]);
  return written.rows.length > 0;
}

/** Up to `limit` entries after `after`, in order. */
export const auditAfter = (database: Database, after: number, limit: number) =>
  database.select().from(auditLog).where(gt(auditLog.seq, after)).orderBy(asc(auditLog.seq)).limit(limit);

/** The number of the last entry; 0 where there is none. */
export async function lastAudit(database: Database): Promise<number> {
  const { rows } = await database.execute(sql`select coalesce(max(seq), 0)::text as last from audit_log`);
  return Number((rows as { last: string }[])[0]?.last ?? 0);
}
