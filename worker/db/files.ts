import { and, asc, eq, gte, inArray, isNotNull, lte, ne, type SQL, sql } from 'drizzle-orm';
import type { FileDelta } from '../../protocol/socket.ts';
import type { Database } from './client.ts';
import { fileDeltas, fileKeys, files } from './schema.ts';

export type FileRow = typeof files.$inferSelect;

export interface NewFile {
  readonly id: string;
  readonly uploaderId: string;
  readonly chatroomId: string;
  readonly fileName: string;
  readonly encryptedKey: string;
  readonly expiry: Date | null;
  readonly keys: readonly { readonly userId: string; readonly encryptedKey: string }[];
}

/** Deleted rows are kept for longer than any signed PUT lives, so that a late one's object is found. */
const afterlife = sql`interval '10 minutes'`;
/** An upload that takes longer has been abandoned. */
const uploadTime = sql`interval '7 days'`;
/** Base64 characters of manifest that one answer carries. */
const deltaPage = 2_000_000;

/** Announces a file with its wrapped keys, all or nothing. Undefined when there is a file of this id already. */
export async function insertFile(database: Database, file: NewFile): Promise<FileRow | undefined> {
  const { keys, ...row } = file;
  const [inserted] = await database.batch([
    database
      .insert(files)
      .values({ ...row, storagePath: `files/${file.id}` })
      .onConflictDoNothing()
      .returning(),
    // Keys for people who are gone, or for a file that somebody else has announced, are left out.
    database.execute(sql`
      insert into file_keys (file_id, user_id, encrypted_key)
      select f.id, k."userId", k."encryptedKey"
      from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k ("userId" uuid, "encryptedKey" text)
      join files f on f.id = ${file.id} and f.uploader_id = ${file.uploaderId} and f.state = 'uploading'
      where (select deletion is null from users where id = k."userId")
      on conflict do nothing`),
  ]);
  return inserted[0];
}

export interface Exceeded {
  readonly of: 'room' | 'account';
  /** Bytes that all others of it take. */
  readonly used: number;
}

/**
 * Lets a file take what `space` says (it never shrinks), unless its room or its uploader's account would then have more than
 * `limits`; answers which. Requests at once can't pass each other: account and room are locked, always in this order.
 */
export async function reserveSpace(
  database: Database,
  file: Pick<FileRow, 'id' | 'uploaderId' | 'chatroomId'>,
  space: { readonly declared: number; readonly signed: number },
  limits: { readonly room: number; readonly account: number },
): Promise<Exceeded | undefined> {
  const lock = (name: string) =>
    database.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`space ${name}`}, 0))`);
  const taken = (column: SQL) => sql`
    (select coalesce(sum(greatest(declared, signed)), 0)::bigint from files
     where ${column} and state <> 'deleted' and id <> ${file.id})`;
  const own = sql`greatest(declared, signed, ${space.declared}::bigint, ${space.signed}::bigint)`;
  const [, , answer] = await database.batch([
    lock(file.uploaderId),
    lock(file.chatroomId),
    database.execute(sql`
      with used as (
        select ${taken(sql`uploader_id = ${file.uploaderId}`)} as account,
               ${taken(sql`chatroom_id = ${file.chatroomId}`)} as room
      ), granted as (
        update files set declared = greatest(declared, ${space.declared}::bigint),
                         signed = greatest(signed, ${space.signed}::bigint)
        from used
        where id = ${file.id} and used.account + ${own} <= ${limits.account}::bigint
          and used.room + ${own} <= ${limits.room}::bigint
        returning id
      )
      select account::text, room::text, (select count(*) from granted)::int as granted,
        (select ${own} from files where id = ${file.id})::text as own
      from used`),
  ]);
  const [row] = answer.rows as { account: string; room: string; granted: number; own: string }[];
  if (!row || row.granted > 0) return undefined;
  const over = Number(row.account) + Number(row.own) > limits.account;
  return over ? { of: 'account', used: Number(row.account) } : { of: 'room', used: Number(row.room) };
}

/** The file, unless it is deleted or has expired. */
export async function findFile(database: Database, id: string): Promise<FileRow | undefined> {
  const [file] = await database
    .select()
    .from(files)
    .where(and(eq(files.id, id), ne(files.state, 'deleted'), sql`coalesce(${files.expiry} > now(), true)`));
  return file;
}

/** The file key as wrapped to `userId`. */
export async function findKey(database: Database, file: FileRow, userId: string): Promise<string | null> {
  if (userId === file.uploaderId) return file.encryptedKey;
  const [row] = await database
    .select({ key: fileKeys.encryptedKey })
    .from(fileKeys)
    .where(and(eq(fileKeys.fileId, file.id), eq(fileKeys.userId, userId)));
  return row?.key ?? null;
}

/** Pieces of the manifest from number `from` on, as many as fit into one answer; empty after the last. */
export async function findDeltas(database: Database, fileId: string, from: number): Promise<FileDelta[]> {
  const candidates = database.$with('candidates').as(
    database
      .select({
        n: fileDeltas.n,
        sealed: fileDeltas.sealed,
        before: sql<number>`
          sum(length(${fileDeltas.sealed})) over (order by ${fileDeltas.n}) - length(${fileDeltas.sealed})`.as(
          'before',
        ),
      })
      .from(fileDeltas)
      .where(and(eq(fileDeltas.fileId, fileId), gte(fileDeltas.n, from))),
  );
  return database
    .with(candidates)
    .select({ n: candidates.n, sealed: candidates.sealed })
    .from(candidates)
    .where(lte(candidates.before, deltaPage))
    .orderBy(asc(candidates.n));
}

/**
 * Appends a piece to the manifest of an upload that is under way; with `sizes` it is the last one, and closes it.
 * True also when all of that was done already. False for a piece that doesn't follow the last, that differs from the
 * one of its number, or that comes after the end.
 */
export async function appendDelta(
  database: Database,
  fileId: string,
  delta: FileDelta,
  sizes?: readonly number[],
): Promise<boolean> {
  const piece = sql`file_id = ${fileId} and n = ${delta.n}::int`;
  const [, [stored]] = await database.batch([
    database.execute(sql`
    with file as (
      select id from files
      where id = ${fileId} and state = 'uploading'
        and (${delta.n}::int = 0 or exists (select from file_deltas where file_id = ${fileId} and n = ${delta.n}::int - 1))
      for update
    ), added as (
      insert into file_deltas (file_id, n, sealed) select id, ${delta.n}::int, ${delta.sealed} from file
      on conflict do nothing returning n
    )
    update files set state = 'complete', declared = 0, sizes = ${`{${sizes?.join() ?? ''}}`}::int[]
    where ${sizes !== undefined}::boolean and id in (select id from file)
      and (exists (select from added) or exists (select from file_deltas where ${piece} and sealed = ${delta.sealed}))`),
    database
      .select({ sealed: fileDeltas.sealed, state: files.state, sizes: files.sizes })
      .from(fileDeltas)
      .innerJoin(files, eq(files.id, fileDeltas.fileId))
      .where(and(eq(fileDeltas.fileId, fileId), eq(fileDeltas.n, delta.n))),
  ]);
  if (stored?.sealed !== delta.sealed) return false;
  return !sizes || (stored.state === 'complete' && sizes.join() === stored.sizes.join());
}

export interface Discarded {
  readonly id: string;
  readonly chatroomId: string;
}

/** Marks files as deleted and drops all that could open them; their objects go by `sweepFiles` at the latest. */
async function discard(database: Database, which: SQL): Promise<Discarded[]> {
  const chosen = database.$with('chosen').as(
    database
      .update(files)
      .set({ state: 'deleted', deletedAt: sql`now()`, fileName: '', encryptedKey: '' })
      .where(and(which, ne(files.state, 'deleted')))
      .returning({ id: files.id, chatroomId: files.chatroomId }),
  );
  const ids = database.select({ id: chosen.id }).from(chosen);
  const keys = database
    .$with('keys')
    .as(database.delete(fileKeys).where(inArray(fileKeys.fileId, ids)).returning({ id: fileKeys.fileId }));
  const deltas = database
    .$with('deltas')
    .as(
      database.delete(fileDeltas).where(inArray(fileDeltas.fileId, ids)).returning({ id: fileDeltas.fileId }),
    );
  return database
    .with(chosen, keys, deltas)
    .select({ id: chosen.id, chatroomId: chosen.chatroomId })
    .from(chosen);
}

/** Deletes one file; false when somebody else was first. */
export const discardFile = async (database: Database, id: string): Promise<boolean> =>
  (await discard(database, eq(files.id, id))).length > 0;

/** Deletes up to `limit` files that `userId` has uploaded. */
export const discardOf = (database: Database, userId: string, limit: number): Promise<Discarded[]> =>
  discard(
    database,
    sql`${files.id} in (
      select id from files where uploader_id = ${userId} and state <> 'deleted' limit ${limit})`,
  );

/** Deletes up to `limit` files whose time has come, and as many uploads that nobody finished. */
export function discardExpired(database: Database, limit: number): Promise<Discarded[]> {
  return discard(
    database,
    sql`${files.id} in (
      (select id from files where expiry <= now() and state <> 'deleted' limit ${limit})
      union all
      (select id from files where state = 'uploading' and created_at < now() - ${uploadTime} limit ${limit}))`,
  );
}

/** Up to `limit` deleted files after `cursor`, oldest first, whose objects may still be there. */
export function findDiscarded(
  database: Database,
  after: { deletedAt: Date; id: string } | undefined,
  limit: number,
): Promise<{ id: string; storagePath: string; deletedAt: Date | null }[]> {
  return database
    .select({ id: files.id, storagePath: files.storagePath, deletedAt: files.deletedAt })
    .from(files)
    .where(
      and(
        isNotNull(files.deletedAt),
        after &&
          sql`(${files.deletedAt}, ${files.id}) > (${after.deletedAt.toISOString()}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(asc(files.deletedAt), asc(files.id))
    .limit(limit);
}

/** Forgets deleted files for good, those whose signed PUTs have all run out; their objects must be gone. */
export async function forgetFiles(database: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await database
    .delete(files)
    .where(and(inArray(files.id, [...ids]), lte(files.deletedAt, sql`now() - ${afterlife}`)));
}
