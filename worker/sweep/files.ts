import { Uuid } from '../../protocol/scalars.ts';
import { openDatabase } from '../db/client.ts';
import { discardExpired, findDiscarded, forgetFiles } from '../db/files.ts';
import { readMark, unknownFiles, writeMark } from '../db/sweep.ts';
import type { Env } from '../env.ts';
import { log } from '../ops/logs.ts';
import { openStore, removeAll } from '../storage/store.ts';

/** Files of one round, and rounds of one run. */
const batch = 50;
const expiryRounds = 4;
const removalRounds = 6;
/** Orphans that one run removes. */
const orphans = 20;

/** Deletes files whose time has come, and tells their rooms. */
export async function expireFiles(env: Env, deadline: number): Promise<void> {
  for (let round = 0; round < expiryRounds && Date.now() < deadline; round++) {
    const expired = await discardExpired(openDatabase(env), batch);
    if (expired.length === 0) return;
    await Promise.allSettled(
      expired.map(({ id, chatroomId }) =>
        env.ROOMS.getByName(chatroomId).fileChanged({ fileId: id, state: 'deleted' }),
      ),
    );
  }
}

/**
 * Removes the objects of deleted files, oldest first, and forgets the files once no signed PUT can bring one back. One whose
 * objects stay is tried again when its turn comes; the next run goes on where this one stops, so it keeps no other back.
 */
export async function removeObjects(env: Env, deadline: number): Promise<void> {
  const database = openDatabase(env);
  const store = openStore(env);
  const failures: unknown[] = [];
  const part = 'objects';
  let last = readPlace(await readMark(database, part));
  let atEnd = false;
  for (let round = 0; !atEnd && round < removalRounds && Date.now() < deadline; round++) {
    const found = await findDiscarded(database, last, batch);
    const gone: string[] = [];
    await Promise.all(
      found.map(({ id, storagePath }) =>
        removeAll(store, `${storagePath}/`).then(
          () => gone.push(id),
          (error: unknown) => failures.push(error),
        ),
      ),
    );
    await forgetFiles(database, gone);
    const end = found.at(-1);
    if (end?.deletedAt) last = { deletedAt: end.deletedAt, id: end.id };
    atEnd = found.length < batch;
  }
  await writeMark(database, part, atEnd || !last ? undefined : `${last.deletedAt.toISOString()} ${last.id}`);
  if (failures.length > 0)
    throw new AggregateError(failures, 'objects of deleted files could not be removed');
}

function readPlace(mark: string | undefined): { deletedAt: Date; id: string } | undefined {
  const [at, id] = mark?.split(' ') ?? [];
  return at && id ? { deletedAt: new Date(at), id } : undefined;
}

/**
 * Removes objects of which no file is known, whatever left them there: a page of the bucket's folders a run, a bounded number
 * of orphans of it. Throws, and removes nothing, where they are the most of the page: then the database is not this bucket's.
 */
export async function removeOrphans(env: Env): Promise<void> {
  const database = openDatabase(env);
  const store = openStore(env);
  const part = 'orphans';
  const { names, more } = await store.folders('files/', await readMark(database, part));
  const ids = names.filter((name) => Uuid.safeParse(name).success);
  const unknown = ids.length === 0 ? [] : await unknownFiles(database, ids);
  if (unknown.length > orphans && unknown.length > ids.length / 2)
    throw new Error('most of what is stored is of no known file: is this the right database?');
  const chosen = unknown.slice(0, orphans);
  for (const id of chosen) await removeAll(store, `files/${id}/`);
  if (chosen.length > 0) log(env, { level: 'warn', event: 'orphans-removed', count: chosen.length });
  const stopped = unknown.length > orphans ? chosen.at(-1) : more ? names.at(-1) : undefined;
  await writeMark(database, part, stopped);
}
