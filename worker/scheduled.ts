import { sql } from 'drizzle-orm';
import { openDatabase } from './db/client.ts';
import { discardExpired, findDiscarded, forgetFiles } from './db/files.ts';
import type { Env } from './env.ts';
import { eraseDeleted } from './erasure.ts';
import { openStore, removeAll } from './storage/store.ts';

/** Rows of one statement, and files of one round. */
const rowBatch = 5000;
const fileBatch = 50;
/** Milliseconds after which a part of the sweep leaves the rest to the next one. */
const patience = 30_000;

type Part = (env: Env, deadline: number) => Promise<void>;

const parts: readonly Part[] = [
  rows('refresh_tokens', 'expires_at < now()'),
  rows('sessions', 'expires_at < now()'),
  rows('one_time_prekeys', "handed_out_at < now() - interval '30 days'"),
  rows('messages', 'expires_at < now()'),
  expireFiles,
  removeObjects,
  // Last: an account's row goes once its files' have gone.
  eraseDeleted,
];

/**
 * Removes what has expired: refresh tokens, sessions, spent prekeys, messages, files. Can be cut short anywhere and run
 * again. Each part has its own time, and goes on when another fails; throws in the end if one did.
 */
export async function sweep(env: Env): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    await part(env, Date.now() + patience).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'parts of the sweep failed');
}

/** Deletes the rows of `table` that are `expired` (both ours, as SQL). */
function rows(table: string, expired: string): Part {
  const statement = `
    delete from ${table} where ctid = any (array(select ctid from ${table} where ${expired} limit ${rowBatch}))`;
  return async (env, deadline) => {
    let swept = rowBatch;
    while (swept === rowBatch && Date.now() < deadline) {
      swept = (await openDatabase(env).execute(sql.raw(statement))).rowCount;
    }
  };
}

/** Deletes files whose time has come, and tells their rooms. */
async function expireFiles(env: Env, deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    const expired = await discardExpired(openDatabase(env), fileBatch);
    if (expired.length === 0) return;
    await Promise.allSettled(
      expired.map(({ id, chatroomId }) =>
        env.ROOMS.getByName(chatroomId).fileChanged({ fileId: id, state: 'deleted' }),
      ),
    );
  }
}

/** Removes the objects of all deleted files; one whose objects stay is tried again by the next sweep. */
async function removeObjects(env: Env, deadline: number): Promise<void> {
  const database = openDatabase(env);
  const store = openStore(env);
  const failures: unknown[] = [];
  let last: { deletedAt: Date; id: string } | undefined;
  while (Date.now() < deadline) {
    const batch = await findDiscarded(database, last, fileBatch);
    const gone: string[] = [];
    await Promise.all(
      batch.map(({ id, storagePath }) =>
        removeAll(store, `${storagePath}/`).then(
          () => gone.push(id),
          (error: unknown) => failures.push(error),
        ),
      ),
    );
    await forgetFiles(database, gone);
    const end = batch.at(-1);
    if (!end?.deletedAt) break;
    last = { deletedAt: end.deletedAt, id: end.id };
  }
  if (failures.length > 0)
    throw new AggregateError(failures, 'objects of deleted files could not be removed');
}
