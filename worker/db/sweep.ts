import { eq, sql } from 'drizzle-orm';
import * as z from 'zod/mini';
import { Uuid } from '../../protocol/scalars.ts';
import type { Caller } from '../env.ts';
import type { Database } from './client.ts';
import { sessions, sweepMarks } from './schema.ts';

/** Deletes up to `limit` rows of `table` that are `expired` (both ours, as SQL); answers how many. */
export async function dropExpired(
  database: Database,
  table: string,
  expired: string,
  limit: number,
): Promise<number> {
  const statement = `
    delete from ${table} where ctid = any (array(select ctid from ${table} where ${expired} limit ${limit}))`;
  return (await database.execute(sql.raw(statement))).rowCount;
}

/** Up to `limit` sessions that have run out, and as many that were ended a minute ago: no token speaks for either. */
export async function overSessions(database: Database, limit: number): Promise<Caller[]> {
  const found = { sessionId: sessions.id, userId: sessions.userId };
  const [expired, revoked] = await database.batch([
    database.select(found).from(sessions).where(sql`${sessions.expiresAt} < now()`).limit(limit),
    database
      .select(found)
      .from(sessions)
      .where(sql`${sessions.revokedAt} < now() - interval '1 minute'`)
      .limit(limit),
  ]);
  return [...expired, ...revoked];
}

/** Removes sessions with their refresh tokens. */
export async function dropSessions(database: Database, over: readonly Caller[]): Promise<void> {
  const ids = JSON.stringify(over.map(({ sessionId }) => sessionId));
  await database.execute(
    sql`delete from sessions where id in (select value::uuid from jsonb_array_elements_text(${ids}::jsonb))`,
  );
}

const Ids = z.array(z.object({ id: Uuid }));

/** Those of `ids` of which there is no file, deleted ones included. */
export async function unknownFiles(database: Database, ids: readonly string[]): Promise<string[]> {
  const { rows } = await database.execute(sql`
    select value as id from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)
    where (select id from files where id = value::uuid) is null order by value`);
  return Ids.parse(rows).map(({ id }) => id);
}

/** Where the last run of `part` stopped; undefined when it had come to the end. */
export async function readMark(database: Database, part: string): Promise<string | undefined> {
  const [row] = await database
    .select({ mark: sweepMarks.mark })
    .from(sweepMarks)
    .where(eq(sweepMarks.part, part));
  return row?.mark;
}

/** Keeps where `part` goes on; undefined: from the beginning. */
export async function writeMark(database: Database, part: string, mark: string | undefined): Promise<void> {
  if (mark === undefined) await database.delete(sweepMarks).where(eq(sweepMarks.part, part));
  else
    await database
      .insert(sweepMarks)
      .values({ part, mark })
      .onConflictDoUpdate({ target: sweepMarks.part, set: { mark } });
}
