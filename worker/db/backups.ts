import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { ChainBackup } from '../../protocol/rest/index.ts';
import type { Database } from './client.ts';
import { chainBackups } from './schema.ts';

/** Sealed chains that one account may keep of one room: years of a busy room, and a bound on what anybody can store. */
export const maxBackups = 20_000;

/**
 * Keeps sealed chains of `userId`, all or none; of those whose id is there already, the first one stays. False when a room
 * would have too many. Requests at once may pass the bound by what they carry.
 */
export async function keepBackups(
  database: Database,
  userId: string,
  entries: readonly (ChainBackup & { readonly chatroomId: string })[],
): Promise<boolean> {
  const { rows } = await database.execute(sql`
    with entry as (
      select distinct on ("chatroomId", id) * from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb)
        as e ("chatroomId" uuid, id text, sealed text)
    ), fits as (
      select coalesce(bool_and(
        e.more + (select count(*) from chain_backups b where b.user_id = ${userId} and b.chatroom_id = e."chatroomId")
          <= ${maxBackups}), true) as fits
      from (select "chatroomId", count(*) as more from entry group by 1) e
    ), kept as (
      insert into chain_backups (user_id, chatroom_id, id, sealed)
      select ${userId}::uuid, "chatroomId", id, sealed from entry where (select fits from fits)
      on conflict do nothing
    )
    select 1 from fits where fits`);
  return rows.length > 0;
}

/** Up to `limit` sealed chains of a room that `userId` has kept, ascending by id, after `cursor`. */
export const backupsOf = (
  database: Database,
  userId: string,
  room: string,
  cursor: string | undefined,
  limit: number,
): Promise<ChainBackup[]> =>
  database
    .select({ id: chainBackups.id, sealed: chainBackups.sealed })
    .from(chainBackups)
    .where(
      and(
        eq(chainBackups.userId, userId),
        eq(chainBackups.chatroomId, room),
        cursor === undefined ? undefined : gt(chainBackups.id, cursor),
      ),
    )
    .orderBy(asc(chainBackups.id))
    .limit(limit);
