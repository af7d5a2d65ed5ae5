import { and, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { Receipt } from '../../protocol/rest/index.ts';
import type { Database } from './client.ts';
import { chatroomMembers, users } from './schema.ts';

/** Rows of one statement. */
const rowBatch = 5000;
/** For how long the row of a deleted account stays: an access token of it may be good for ten minutes. */
const afterlife = sql`interval '15 minutes'`;

/**
 * The account's last moment: nobody signs in any more, its email is free, what unlocked it is gone, its sessions are over. All of
 * that or none, once. Answers the receipt, the first one when it was deleted before; undefined when its password has changed
 * since it was read as `passwordHash`.
 */
export async function markDeleted(
  database: Database,
  userId: string,
  passwordHash: string,
): Promise<Receipt | undefined> {
  const of = (table: string) =>
    sql`(select count(*) from ${sql.identifier(table)} where user_id = ${userId})`;
  const [, found] = await database.batch([
    database.execute(sql`
      with marked as (
        update users set status = 'suspended', email = 'deleted:' || id, public_key = '', password_hash = '',
          wrapped_secret = '', sealed_profile = null, recovery_hash = null, recovery_secret = null,
          deletion = jsonb_build_object(
            'deletedAt', ${new Date().toISOString()}::text,
            'removed', jsonb_build_object(
              'sessions', (select count(*) from sessions
                where user_id = ${userId} and revoked_at is null and expires_at > now()),
              'devices', ${of('devices')},
              'oneTimePreKeys', (select count(*) from one_time_prekeys
                where user_id = ${userId} and handed_out_at is null),
              'keyBackups', ${of('chain_backups')},
              'fileKeys', ${of('file_keys')},
              'files', (select count(*) from files where uploader_id = ${userId} and state <> 'deleted'),
              'memberships', ${of('chatroom_members')}))
        where id = ${userId} and deletion is null and password_hash = ${passwordHash}
        returning id
      ), locked as (
        delete from passkeys where user_id = ${userId} and exists (select from marked)
      )
      update sessions set revoked_at = now() where user_id in (select id from marked) and revoked_at is null`),
    database.select({ receipt: users.deletion }).from(users).where(eq(users.id, userId)),
  ]);
  return found[0]?.receipt ?? undefined;
}

/** Up to `limit` deleted accounts after `cursor`, by id. */
export async function deletedAccounts(
  database: Database,
  cursor: string | undefined,
  limit: number,
): Promise<string[]> {
  const rows = await database
    .select({ id: users.id })
    .from(users)
    .where(and(isNotNull(users.deletion), cursor === undefined ? undefined : gt(users.id, cursor)))
    .orderBy(users.id)
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** Up to `limit` rooms that have `userId` among their members still. */
export async function roomsToForget(database: Database, userId: string, limit: number): Promise<string[]> {
  const rows = await database
    .select({ id: chatroomMembers.chatroomId })
    .from(chatroomMembers)
    .where(eq(chatroomMembers.userId, userId))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** Removes some of the rows that are the account's own, a bounded number; says whether there may be more. */
export async function dropOwnRows(database: Database, userId: string): Promise<boolean> {
  const some = (table: string) => {
    const name = sql.identifier(table);
    return database.execute(sql`
      delete from ${name} where ctid = any (array(select ctid from ${name} where user_id = ${userId} limit ${rowBatch}))`);
  };
  // Prekeys go with their devices, refresh tokens with their sessions.
  const results = await database.batch([
    some('devices'),
    some('device_lists'),
    some('sessions'),
    some('chain_backups'),
    some('file_keys'),
    // What it reported stays to be decided on; who did is forgotten.
    database.execute(sql`
      update reports set reporter_id = null
      where id = any (array(select id from reports where reporter_id = ${userId} limit ${rowBatch}))`),
  ]);
  return results.some(({ rowCount }) => rowCount === rowBatch);
}

/** Removes the row of a deleted account to which nothing belongs any more, and which no token speaks for. */
export async function forgetAccount(database: Database, userId: string): Promise<void> {
  await database.execute(sql`
    delete from users u
    where id = ${userId} and deletion is not null and (deletion->>'deletedAt')::timestamptz < now() - ${afterlife}
      and not exists (select from files where uploader_id = u.id)
      and not exists (select from chatroom_members where user_id = u.id)`);
}
