import { type SQL, sql } from 'drizzle-orm';

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

/** What comes first in a transaction that writes into the log: one after the other, so that each is chained to the one before. */
export const auditLock = sql`select pg_advisory_xact_lock(hashtextextended('audit', 0))`;

/** Does `change` and writes it down; see `audited`. Returns a row when there was anything to do. */
export function auditStatement(deed: Deed, change: SQL, along: readonly SQL[] = []): SQL {
  const entry = JSON.stringify({ at: new Date().toISOString(), ...deed });
  const others = along.map((each, i) => sql`, ${sql.raw(`along${i}`)} as (${each})`);
  return sql`
    with done as (${change}) ${sql.join(others)},
    last as (select seq, hash from audit_log order by seq desc limit 1)
    insert into audit_log (seq, entry, hash)
    select coalesce((select seq from last), 0) + 1, ${entry}::text,
      encode(sha256(convert_to(
        coalesce((select hash from last), repeat('0', 64)) || chr(10) || ${entry}::text, 'UTF8')), 'hex')
    where exists (select from done)
    returning seq`;
}
