import { asc, gt, type SQL, sql } from 'drizzle-orm';
import type { Database } from './client.ts';
import { auditLog } from './schema.ts';

/** What was done, as the audit log keeps it. */
export interface Deed {
  /** Who: an account's id, or `command` for a command of the operator's. */
  readonly actor: string;
  readonly action: string;
  /** What it was done to. */
  readonly target: string;
  /** Why, or what else is to be known. */
  readonly detail?: string | undefined;
}

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
  const entry = JSON.stringify({ at: new Date().toISOString(), ...deed });
  const others = along.map((each, i) => sql`, ${sql.raw(`along${i}`)} as (${each})`);
  const [, written] = await database.batch([
    // One after the other, so that each is chained to the one before.
    database.execute(sql`select pg_advisory_xact_lock(hashtextextended('audit', 0))`),
    database.execute(sql`
      with done as (${change}) ${sql.join(others)},
      last as (select seq, hash from audit_log order by seq desc limit 1)
      insert into audit_log (seq, entry, hash)
      select coalesce((select seq from last), 0) + 1, ${entry}::text,
        encode(sha256(convert_to(
          coalesce((select hash from last), repeat('0', 64)) || chr(10) || ${entry}::text, 'UTF8')), 'hex')
      where exists (select from done)
      returning seq`),
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
