import { and, asc, eq, sql } from 'drizzle-orm';
import type { Attested } from '../../protocol/franking.ts';
import type { Database } from './client.ts';
import { messages, reports } from './schema.ts';

export type ReportRow = typeof reports.$inferSelect;
export type NewReport = typeof reports.$inferInsert & { readonly reporterId: string };

/** The message at `seq` as Postgres has it, with the room's stamp; undefined where there is none to go by. */
export async function findAttested(
  database: Database,
  room: string,
  seq: number,
): Promise<{ message: Attested; stamp: string } | undefined> {
  const [row] = await database
    .select()
    .from(messages)
    .where(and(eq(messages.chatroomId, room), eq(messages.seq, seq)));
  if (!row || row.commitment === null || row.stamp === null || row.recipient !== null) return undefined;
  const { id, senderId: sender, device, createdAt, commitment, stamp } = row;
  return { message: { room, seq, id, sender, device, at: createdAt.getTime(), commitment }, stamp };
}

/**
 * Keeps a report. The same message reported again by the same person answers the first report; undefined when the id is somebody else's,
 * or another report's.
 */
export async function insertReport(database: Database, report: NewReport): Promise<ReportRow | undefined> {
  const [inserted] = await database.insert(reports).values(report).onConflictDoNothing().returning();
  if (inserted) return inserted;
  const [first] = await database
    .select()
    .from(reports)
    .where(
      and(
        eq(reports.reporterId, report.reporterId),
        eq(reports.chatroomId, report.chatroomId),
        eq(reports.seq, report.seq),
      ),
    );
  return first;
}

/** One report. */
export async function findReport(database: Database, id: string): Promise<ReportRow | undefined> {
  const [row] = await database.select().from(reports).where(eq(reports.id, id));
  return row;
}

/** Up to `limit` reports after `after`, the oldest first. */
export const reportsAfter = (
  database: Database,
  after: readonly [createdAt: string, id: string] | undefined,
  filter: {
    readonly state?: ReportRow['state'] | undefined;
    readonly evidence?: ReportRow['evidence'] | undefined;
  },
  limit: number,
): Promise<ReportRow[]> =>
  database
    .select()
    .from(reports)
    .where(
      and(
        filter.state && eq(reports.state, filter.state),
        filter.evidence && eq(reports.evidence, filter.evidence),
        after && sql`(${reports.createdAt}, ${reports.id}) > (${after[0]}::timestamptz, ${after[1]}::uuid)`,
      ),
    )
    .orderBy(asc(reports.createdAt), asc(reports.id))
    .limit(limit);

/** Drops what reports revealed that were decided 90 days ago, up to `limit` of them (ops/retention.md). */
export async function forgetReports(database: Database, limit: number): Promise<void> {
  await database.execute(sql`
    update reports set envelope = null, file_key = null, note = null
    where id = any (array(
      select id from reports
      where envelope is not null and closed_at < now() - interval '90 days' limit ${limit}))`);
}
