import { and, asc, eq, getTableColumns, lte, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core';
import { readEntry } from '../../protocol/roster.ts';
import type { Database } from './client.ts';
import { toMessage } from './rooms.ts';
import {
  chainBackups,
  chatroomMembers,
  deviceLists,
  devices,
  fileDeltas,
  fileKeys,
  files,
  messages,
  oneTimePreKeys,
  passkeys,
  refreshTokens,
  reports,
  rosterEntries,
  sessions,
} from './schema.ts';

/** Rows of one page, of those that may be large, and characters of ciphertext where that is what bounds it. */
const pageRows = 1000;
const largeRows = 25;
const pageSize = 2_000_000;

/**
 * Whatever an account has in Postgres but its own row, list by list, each read in pages of up to `rows`.
 */
export function listsOf(database: Database, userId: string, rows = pageRows) {
  const all = (table: PgTable, owner: AnyPgColumn, keys: readonly AnyPgColumn[], limit = rows) =>
    rowsOf(database, table, eq(owner, userId), keys, limit);
  const preKeys = oneTimePreKeys;
  const backups = chainBackups;
  const members = chatroomMembers;
  return {
    sessions: all(sessions, sessions.userId, [sessions.id]),
    refreshTokens: rowsOf(
      database,
      refreshTokens,
      sql`${refreshTokens.family} in (select id from sessions where user_id = ${userId})`,
      [refreshTokens.family, refreshTokens.id],
      pageRows,
    ),
    passkeys: all(passkeys, passkeys.userId, [passkeys.id]),
    deviceLists: all(deviceLists, deviceLists.userId, [deviceLists.userId]),
    devices: all(devices, devices.userId, [devices.id]),
    oneTimePreKeys: all(preKeys, preKeys.userId, [preKeys.deviceId, preKeys.kind, preKeys.keyId]),
    keyBackups: all(backups, backups.userId, [backups.chatroomId, backups.id]),
    memberships: all(members, members.userId, [members.joinedAt, members.chatroomId]),
    rosterEntries: entriesOf(database, userId),
    files: all(files, files.uploaderId, [files.id], largeRows),
    fileDeltas: deltasOf(database, userId),
    fileKeys: all(fileKeys, fileKeys.userId, [fileKeys.fileId]),
    messages: messagesOf(database, userId),
    reports: all(reports, reports.reporterId, [reports.chatroomId, reports.seq], largeRows),
  };
}

type Row = Record<string, unknown>;

/** The rows of `table` that are `theirs`, in the order of `keys`, which tell them apart. */
async function* rowsOf(
  database: Database,
  table: PgTable,
  theirs: SQL,
  keys: readonly AnyPgColumn[],
  limit: number,
): AsyncGenerator<Row> {
  const names = Object.entries(getTableColumns(table));
  const valueIn = (row: Row, key: AnyPgColumn) =>
    sql.param(row[names.find(([, column]) => column === key)?.[0] ?? ''], key);
  const listed = (items: readonly (SQL | AnyPgColumn | ReturnType<typeof valueIn>)[]) =>
    sql`(${sql.join([...items], sql`, `)})`;
  let last: Row | undefined;
  let page: Row[];
  do {
    const before = last;
    page = await database
      .select()
      .from(table)
      .where(and(theirs, before && sql`${listed(keys)} > ${listed(keys.map((key) => valueIn(before, key)))}`))
      .orderBy(...keys.map((key) => asc(key)))
      .limit(limit);
    yield* page;
    last = page.at(-1);
  } while (page.length === limit);
}

/** What somebody has signed in the rosters of their rooms. */
async function* entriesOf(database: Database, userId: string): AsyncGenerator<Row> {
  const { chatroomId, seq } = rosterEntries;
  const rooms = rowsOf(
    database,
    chatroomMembers,
    eq(chatroomMembers.userId, userId),
    [chatroomMembers.joinedAt, chatroomMembers.chatroomId],
    pageRows,
  );
  for await (const { chatroomId: room } of rooms) {
    for await (const row of rowsOf(
      database,
      rosterEntries,
      eq(chatroomId, room as string),
      [seq],
      pageRows,
    )) {
      const { body, signature, inviteSignature } = row as typeof rosterEntries.$inferSelect;
      if (readEntry({ body, signature }).by !== userId) continue;
      yield { chatroomId: room, body, signature, ...(inviteSignature !== null && { inviteSignature }) };
    }
  }
}

/** The manifests of somebody's files, piece by piece. */
async function* deltasOf(database: Database, userId: string): AsyncGenerator<Row> {
  let last: { fileId: string; n: number } | undefined;
  let page: (typeof fileDeltas.$inferSelect)[];
  do {
    page = await database
      .select(getTableColumns(fileDeltas))
      .from(files)
      .innerJoin(fileDeltas, eq(fileDeltas.fileId, files.id))
      .where(
        and(
          eq(files.uploaderId, userId),
          last && sql`(${files.id}, ${fileDeltas.n}) > (${last.fileId}::uuid, ${last.n}::int)`,
        ),
      )
      .orderBy(asc(files.id), asc(fileDeltas.n))
      .limit(largeRows);
    yield* page;
    last = page.at(-1);
  } while (page.length === largeRows);
}

/** What somebody has sent, as far as Postgres has it: many small messages or a few large ones at a time. */
async function* messagesOf(database: Database, userId: string): AsyncGenerator<Row> {
  const { chatroomId, seq, cipherText } = messages;
  let last: { chatroomId: string; seq: number } | undefined;
  for (;;) {
    const candidates = database.$with('candidates').as(
      database
        .select({
          ...getTableColumns(messages),
          before: sql<number>`
            sum(length(${cipherText})) over (order by ${chatroomId}, ${seq}) - length(${cipherText})`.as(
            'before',
          ),
        })
        .from(messages)
        .where(
          and(
            eq(messages.senderId, userId),
            last && sql`(${chatroomId}, ${seq}) > (${last.chatroomId}::uuid, ${last.seq}::bigint)`,
          ),
        )
        .orderBy(asc(chatroomId), asc(seq))
        .limit(pageRows),
    );
    const page = await database
      .with(candidates)
      .select()
      .from(candidates)
      .where(lte(candidates.before, pageSize))
      .orderBy(asc(candidates.chatroomId), asc(candidates.seq));
    for (const row of page) yield { chatroomId: row.chatroomId, ...toMessage(row) };
    last = page.at(-1);
    if (!last) return;
  }
}
