/**
 * The tables of a room's own SQLite. Each string takes the schema one version further and is never edited once it has
 * been deployed: objects of every age are woken by newer code.
 */
export const roomVersions = [
  `
  create table room (
    only integer primary key check (only = 1),
    id text not null,
    name text not null,
    created_at integer not null,
    deleted_at integer,
    deleted_by text,
    -- The outbox: how far Postgres has each part, and how often in a row it could not be reached.
    name_version integer not null default 1,
    name_archived integer not null default 0,
    roster_archived integer not null default -1,
    messages_archived integer not null default 0,
    failures integer not null default 0
  );
  create table roster (
    seq integer primary key,
    hash text not null,
    body text not null,
    signature text not null,
    invite_signature text
  );
  -- What the roster's entries add up to, so that waking up replays nothing.
  create table member (
    user_id text primary key,
    identity_key text not null,
    role text not null,
    profile text not null,
    joined_at integer not null,
    -- By this object's clock, unlike joined_at, which the entry's author wrote.
    since integer not null,
    sealed_key text not null
  ) without rowid;
  create table invite (
    invite_key text primary key,
    role text not null,
    expires integer not null,
    uses_left integer not null,
    author text not null,
    sealed text not null
  ) without rowid;
  create table message (
    seq integer primary key,
    id text not null unique,
    sender text not null,
    device integer not null,
    box text not null,
    recipient text,
    commitment text,
    expires_at integer,
    at integer not null
  );
  -- Messages that only Postgres holds still: enough to recognise one that is sent again.
  create table trimmed (
    id text primary key,
    seq integer not null,
    sender text not null,
    at integer not null
  ) without rowid;
  create table ticket (
    hash text primary key,
    user_id text not null,
    session_id text not null,
    expires_at integer not null
  ) without rowid;
  `,
  `
  create index message_expiry on message (expires_at) where expires_at is not null and box <> '';
  `,
  `
  -- What the members' accounts know of this room (wakes.ts): the newest message that each was told of, or is to be.
  create table wake (
    user_id text primary key,
    seq integer not null,
    delivered integer not null,
    -- Whether the next message is told to them.
    ready integer not null,
    -- Whether somebody else wrote it: worth a push.
    news integer not null,
    at integer not null
  ) without rowid;
  create index wake_due on wake (user_id) where not delivered;
  `,
  `
  -- The last box that each member left for who connects later; \`own\`: for that member's devices alone.
  create table kept (
    user_id text primary key,
    own integer not null,
    box text not null
  ) without rowid;
  `,
  `
  -- The link by which people ask to come in, and who has (requests.ts).
  create table asking (
    only integer primary key check (only = 1),
    key text not null,
    nonce text not null,
    expires integer not null,
    label text not null
  );
  create table request (
    user_id text primary key,
    key text not null,
    nonce text not null,
    box text not null,
    at integer not null,
    state text not null,
    answer text
  ) without rowid;
  `,
  `
  -- Who has answered: asked again, they hear the same. Null before, and where an earlier version was told.
  alter table request add column answered_by text;
  `,
];

/** Whether this object holds a room, or an account's rooms. Writes nothing, so that asking for a made-up name leaves no storage behind. */
export const hasRoom = (sql: SqlStorage): boolean =>
  sql.exec(`select 1 from sqlite_master where type = 'table' and name = 'room'`).toArray().length > 0;

/** Brings the tables to the newest of `versions`; all or nothing. */
export function migrate(storage: DurableObjectStorage, versions: readonly string[]): void {
  const { sql } = storage;
  storage.transactionSync(() => {
    sql.exec('create table if not exists schema_version (version integer not null)');
    const row = sql.exec<{ version: number }>('select version from schema_version').toArray()[0];
    const version = row?.version ?? 0;
    // Older code after a rollback leaves what newer code has made as it is.
    if (version >= versions.length) return;
    for (const statements of versions.slice(version)) sql.exec(statements);
    sql.exec(
      row ? 'update schema_version set version = ?' : 'insert into schema_version values (?)',
      versions.length,
    );
  });
}
