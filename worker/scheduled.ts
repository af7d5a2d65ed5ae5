import { sql } from 'drizzle-orm';
import { type Database, openDatabase } from './db/client.ts';
import { discardExpired, findDiscarded, forgetFiles } from './db/files.ts';
import type { Env } from './env.ts';
import { openStore, removeAll } from './storage/store.ts';

/** Rows of one statement, and files of one round. */
const rowBatch = 5000;
const fileBatch = 50;
/** Milliseconds after which a sweep leaves the rest to the next one. */
const patience = 60_000;

/** Removes what has expired: refresh tokens, sessions, spent prekeys, files. Can be cut short anywhere and run again. */
export async function sweep(env: Env): Promise<void> {
  const database = openDatabase(env);
  const deadline = Date.now() + patience;
  for (const [table, expired] of [
    ['refresh_tokens', 'expires_at < now()'],
    ['sessions', 'expires_at < now()'],
    ['one_time_prekeys', "handed_out_at < now() - interval '30 days'"],
  ] as const) {
    await sweepRows(database, table, expired, deadline);
  }
  await sweepFiles(env, deadline);
}

async function sweepRows(
  database: Database,
  table: string,
  expired: string,
  deadline: number,
): Promise<void> {
  let swept = rowBatch;
  while (swept === rowBatch && Date.now() < deadline) {
    const { rowCount } = await database.execute(
      sql.raw(
        `delete from ${table} where ctid = any (array(select ctid from ${table} where ${expired} limit ${rowBatch}))`,
      ),
    );
    swept = rowCount;
  }
}

/** Deletes files whose time has come, then the objects of all deleted ones. */
async function sweepFiles(env: Env, deadline: number): Promise<void> {
  const database = openDatabase(env);
  const store = openStore(env);
  let expired = await discardExpired(database, fileBatch);
  while (expired.length > 0 && Date.now() < deadline) {
    await Promise.allSettled(
      expired.map(({ id, chatroomId }) =>
        env.ROOMS.getByName(chatroomId).fileChanged({ fileId: id, state: 'deleted' }),
      ),
    );
    expired = await discardExpired(database, fileBatch);
  }
  let last: { deletedAt: Date; id: string } | undefined;
  while (Date.now() < deadline) {
    const batch = await findDiscarded(database, last, fileBatch);
    for (const { storagePath } of batch) await removeAll(store, `${storagePath}/`);
    await forgetFiles(
      database,
      batch.map(({ id }) => id),
    );
    const end = batch.at(-1);
    if (!end?.deletedAt) return;
    last = { deletedAt: end.deletedAt, id: end.id };
  }
}
