import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import type { AdminFile, AdminRoom, AdminUser, UserRole } from '../../protocol/rest/admin.ts';
import type { Database } from './client.ts';
import { blockedHashes, chatrooms, files, reports, users } from './schema.ts';

/**
 * Numbers are counted as they stand; a moderator asks for few rows at a time. `what` is a part of its own because drizzle leaves the table's
 * name off columns that stand in a selected expression itself, and `id` would be the inner table's.
 */
const count = (what: SQL) => sql<number>`(select count(*)::int from ${what})`;
/** The number of the last message of those, which the log has without a gap. */
const lastSeq = (what: SQL) => sql<string>`(select coalesce(max(seq), 0)::text from ${what})`;

interface Page {
  /** The id after which the page begins, in descending order. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Accounts that are not deleted, the newest first. */
export async function findUsers(
  database: Database,
  { after, limit }: Page,
  filter: {
    readonly id?: string | undefined;
    readonly email?: string | undefined;
    readonly status?: AdminUser['status'] | undefined;
    readonly role?: UserRole | undefined;
  },
): Promise<AdminUser[]> {
  const rows = await database
    .select({
      id: users.id,
      email: users.email,
      role: users.role,
      status: users.status,
      createdAt: users.createdAt,
      devices: count(sql`devices where user_id = ${users.id}`),
      rooms: count(sql`chatroom_members where user_id = ${users.id}`),
      reports: count(sql`reports where sender_id = ${users.id} and evidence = 'verified'`),
    })
    .from(users)
    .where(
      and(
        sql`${users.deletion} is null`,
        after === undefined ? undefined : lt(users.id, after),
        filter.id === undefined ? undefined : eq(users.id, filter.id),
        filter.email === undefined ? undefined : eq(users.email, filter.email),
        filter.status === undefined ? undefined : eq(users.status, filter.status),
        filter.role === undefined ? undefined : eq(users.role, filter.role),
      ),
    )
    .orderBy(desc(users.id))
    .limit(limit);
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

/** The statement that suspends an account, unless it is, and with `sessions` those that it ends. */
export const suspend = (id: string) => ({
  change: sql`update users set status = 'suspended' where id = ${id} and status = 'active' returning id`,
  along: [
    sql`update sessions set revoked_at = now()
        where user_id in (select id from done) and revoked_at is null returning id`,
  ],
});

/** Reinstates an account that is suspended, and not deleted. */
export const reinstate = (id: string): SQL => sql`
  update users set status = 'active' where id = ${id} and status = 'suspended' and deletion is null returning id`;

/** Gives an account a role that it has not. */
export const giveRole = (id: string, role: UserRole): SQL =>
  sql`update users set role = ${role} where id = ${id} and role <> ${role} and deletion is null returning id`;

/** Files, the newest first. */
export async function findFiles(
  database: Database,
  { after, limit }: Page,
  filter: { readonly uploader?: string | undefined; readonly room?: string | undefined },
): Promise<AdminFile[]> {
  const rows = await database
    .select({
      id: files.id,
      uploaderId: files.uploaderId,
      chatroomId: files.chatroomId,
      state: files.state,
      size: sql<string>`
        case when ${files.state} = 'complete' then (select coalesce(sum(s), 0) from unnest(${files.sizes}) s)
        else ${files.signed} end::text`,
      createdAt: files.createdAt,
    })
    .from(files)
    .where(
      and(
        after === undefined ? undefined : lt(files.id, after),
        filter.uploader === undefined ? undefined : eq(files.uploaderId, filter.uploader),
        filter.room === undefined ? undefined : eq(files.chatroomId, filter.room),
      ),
    )
    .orderBy(desc(files.id))
    .limit(limit);
  return rows.map((row) => ({ ...row, size: Number(row.size), createdAt: row.createdAt.toISOString() }));
}

/** Takes a file down, unless that is done: all that could open it goes, and `hash`, its first object's, is blocked. */
export const takeDown = (id: string, hash: string | undefined, reason: string) => ({
  change: sql`
    update files set state = 'deleted', deleted_at = now(), file_name = '', encrypted_key = ''
    where id = ${id} and state <> 'deleted' returning id`,
  along: [
    sql`delete from file_keys where file_id in (select id from done)`,
    sql`delete from file_deltas where file_id in (select id from done)`,
    ...(hash === undefined
      ? []
      : [
          sql`insert into blocked_hashes (hash, reason, file_id)
              select ${hash}::text, ${reason}::text, id from done on conflict do nothing`,
        ]),
  ],
});

/** Rooms, the newest first. */
export async function findRooms(
  database: Database,
  { after, limit }: Page,
  id: string | undefined,
): Promise<AdminRoom[]> {
  const rows = await database
    .select({
      id: chatrooms.id,
      ownerId: chatrooms.ownerId,
      createdAt: chatrooms.createdAt,
      members: count(sql`chatroom_members where chatroom_id = ${chatrooms.id}`),
      messages: lastSeq(sql`messages where chatroom_id = ${chatrooms.id}`),
      files: count(sql`files where chatroom_id = ${chatrooms.id} and state <> 'deleted'`),
      reports: count(sql`reports where chatroom_id = ${chatrooms.id}`),
    })
    .from(chatrooms)
    .where(
      and(
        after === undefined ? undefined : lt(chatrooms.id, after),
        id === undefined ? undefined : eq(chatrooms.id, id),
      ),
    )
    .orderBy(desc(chatrooms.id))
    .limit(limit);
  return rows.map((row) => ({
    ...row,
    messages: Number(row.messages),
    createdAt: row.createdAt.toISOString(),
  }));
}

/** Blocked hashes after `after`, the newest first. */
export const blockedAfter = (
  database: Database,
  after: readonly [createdAt: string, hash: string] | undefined,
  limit: number,
) =>
  database
    .select()
    .from(blockedHashes)
    .where(
      after &&
        sql`(${blockedHashes.createdAt}, ${blockedHashes.hash}) < (${after[0]}::timestamptz, ${after[1]}::text)`,
    )
    .orderBy(desc(blockedHashes.createdAt), desc(blockedHashes.hash))
    .limit(limit);

/** Whether anything is blocked at all: most services block nothing, and need not read what they store. */
export async function blocksAnything(database: Database): Promise<boolean> {
  const first = await database
    .select({ hash: blockedHashes.hash })
    .from(blockedHashes)
    // The first of the index, and no more than that.
    .where(sql`${blockedHashes.hash} >= ''`)
    .orderBy(blockedHashes.hash)
    .limit(1);
  return first.length > 0;
}

/** Whether `hash` is blocked. */
export async function isBlocked(database: Database, hash: string): Promise<boolean> {
  const rows = await database
    .select({ hash: blockedHashes.hash })
    .from(blockedHashes)
    .where(eq(blockedHashes.hash, hash));
  return rows.length > 0;
}

/** A decision on a report: by `by`, who must hold it unless `any`. Answers the statement. */
export function decide(
  id: string,
  by: string,
  change: {
    readonly state: 'open' | 'claimed' | 'closed';
    readonly verdict?: 'upheld' | 'dismissed' | undefined;
    readonly note?: string | undefined;
  },
  any: boolean,
): SQL {
  const { state, verdict = null, note = null } = change;
  const held = any ? sql`true` : sql`(claimed_by is null or claimed_by = ${by})`;
  return sql`
    update ${reports} set state = ${state}, verdict = ${verdict}, verdict_note = ${note},
      claimed_by = ${state === 'open' ? null : by}::uuid,
      closed_at = case when ${state}::text = 'closed' then now() end
    where id = ${id} and state <> 'closed' and (state, claimed_by) is distinct from (${state}, ${by}::uuid) and ${held}
    returning id`;
}
