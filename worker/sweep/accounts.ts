import { openDatabase } from '../db/client.ts';
import { deletedAccounts, dropOwnRows, forgetAccount, roomsToForget } from '../db/erasure.ts';
import { discardOf } from '../db/files.ts';
import type { Env } from '../env.ts';
import { unwrap } from '../problem.ts';
import { openStore, removeAll } from '../storage/store.ts';

/** Rooms and files of one round, accounts of one page. */
const roomBatch = 20;
const fileBatch = 20;
const accountBatch = 50;

/**
 * Removes what a deleted account has: its place at rooms' doors, its rows, its files with their objects, its own object. Each
 * step leaves nothing to be remembered, so it can be cut short anywhere and done again; from `deadline` on it begins no
 * further step. Throws what kept a step from being done. Says whether all is done.
 */
export async function erase(env: Env, userId: string, deadline: number): Promise<boolean> {
  const database = openDatabase(env);
  const inTime = () => Date.now() < deadline;

  for (let rooms = await roomsToForget(database, userId, roomBatch); rooms.length > 0; ) {
    const told = await Promise.all(rooms.map((id) => env.ROOMS.getByName(id).forget(userId)));
    for (const result of told) unwrap(result);
    if (!inTime()) return false;
    rooms = await roomsToForget(database, userId, roomBatch);
  }

  while (await dropOwnRows(database, userId)) if (!inTime()) return false;

  for (;;) {
    const discarded = await discardOf(database, userId, fileBatch);
    if (discarded.length === 0) break;
    // What fails here is the sweep's to make good: it removes the objects of all deleted files.
    await Promise.allSettled(
      discarded.flatMap(({ id, chatroomId }) => [
        env.ROOMS.getByName(chatroomId).fileChanged({ fileId: id, state: 'deleted' }),
        removeAll(openStore(env), `files/${id}/`),
      ]),
    );
    if (!inTime()) return false;
  }

  // After the rooms, which would have told it of something new.
  await env.ACCOUNTS.getByName(userId).erase();
  return true;
}

/** Goes on with every deleted account until `deadline`; the row itself goes when nothing hangs on it. One that fails keeps none back. */
export async function eraseDeleted(env: Env, deadline: number): Promise<void> {
  const failures: unknown[] = [];
  let page: string[] = [];
  do {
    page = await deletedAccounts(openDatabase(env), page.at(-1), accountBatch);
    for (const id of page) {
      if (Date.now() >= deadline) break;
      try {
        if (await erase(env, id, deadline)) await forgetAccount(openDatabase(env), id);
      } catch (error) {
        failures.push(error);
      }
    }
  } while (page.length === accountBatch && Date.now() < deadline);
  if (failures.length > 0) throw new AggregateError(failures, 'deleted accounts could not be erased');
}
