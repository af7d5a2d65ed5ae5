// A database as large as a busy service's, for looking at plans.
import type pg from 'pg';
import { busyMember, busyRoom } from './big-room.ts';

/** Rows of one statement. */
const slice = 10_000;

/** How many rows of each table there are to a million messages, and how row number `n` (from 0) is made, of `count`. */
const tables: readonly { name: string; share: number; columns: string; row: string }[] = [
  {
    name: 'users',
    share: 20_000,
    columns: 'id, email, public_key, password_hash, wrapped_secret, deletion',
    row: `md5('user' || n)::uuid, n || '@example.org', 'key', 'hash', 'secret',
      case when n % 1000 = 0 then '{"deletedAt": "2020-01-01T00:00:00Z"}'::jsonb end`,
  },
  {
    name: 'passkeys',
    share: 20_000,
    columns: 'id, user_id, public_key, algorithm, sign_count, sealed_name, wrapped_secret',
    row: `'passkey' || n, md5('user' || n / 2)::uuid, 'key', -7, 0, 'name', 'secret'`,
  },
  {
    name: 'sessions',
    share: 40_000,
    columns: 'id, user_id, expires_at, revoked_at',
    row: `md5('session' || n)::uuid, md5('user' || n / 2)::uuid,
      now() + (n % 60 || ' days')::interval + (n % 200 - 1 || ' minutes')::interval,
      case when n % 50 = 0 then now() - (n % 30 || ' hours')::interval end`,
  },
  {
    name: 'refresh_tokens',
    share: 100_000,
    columns: 'id, family, token_hash, expires_at, used_at',
    row: `md5('token' || n)::uuid, md5('session' || n * 2 / 5)::uuid, 'hash' || n,
      now() + (n % 60 || ' days')::interval + (n % 200 - 1 || ' minutes')::interval,
      case when n % 2 = 0 then now() end`,
  },
  {
    name: 'devices',
    share: 20_000,
    columns: 'user_id, id, registration_id, signed_prekey',
    row: `md5('user' || n)::uuid, 1, 1, '{"id": 1}'`,
  },
  {
    name: 'device_lists',
    share: 20_000,
    columns: 'user_id, version, body, signature',
    row: `md5('user' || n)::uuid, 1, 'body', 'signature'`,
  },
  {
    name: 'one_time_prekeys',
    share: 200_000,
    columns: 'user_id, device_id, kind, key_id, public_key, handed_out_at',
    row: `md5('user' || n / 10)::uuid, 1, case when n % 2 = 0 then 'ec' else 'kyber' end, n % 10, 'key',
      case when n % 10 = 0 then now() - (n % 310 / 10.0 || ' days')::interval end`,
  },
  {
    name: 'chain_backups',
    share: 100_000,
    columns: 'user_id, chatroom_id, id, sealed',
    row: `md5('user' || n / 5)::uuid, md5('room' || n / 50)::uuid, 'chain' || n, 'sealed'`,
  },
  {
    name: 'chatrooms',
    share: 10_000,
    columns: 'id, name, owner_id',
    row: `md5('room' || n)::uuid, 'name', md5('user' || n)::uuid`,
  },
  {
    name: 'chatroom_members',
    share: 50_000,
    columns: 'chatroom_id, user_id, role, joined_at, sealed_key',
    row: `md5('room' || n / 5)::uuid, md5('user' || (n / 5 + n % 5 * 7919) % 20000)::uuid, 'member', now(), 'key'`,
  },
  {
    name: 'roster_entries',
    share: 60_000,
    columns: 'chatroom_id, seq, body, signature',
    row: `md5('room' || n / 6)::uuid, n % 6, 'body', 'signature'`,
  },
  {
    name: 'files',
    share: 20_000,
    columns:
      'id, uploader_id, chatroom_id, file_name, storage_path, encrypted_key, expiry, state, deleted_at',
    row: `md5('file' || n)::uuid, md5('user' || n)::uuid, md5('room' || n / 2)::uuid, 'head', 'files/' || n, 'key',
      case when n % 20 = 0 then now() + (n % 30 || ' days')::interval end,
      case when n % 100 = 0 then 'deleted' when n % 100 = 1 then 'uploading' else 'complete' end,
      case when n % 100 = 0 then now() end`,
  },
  {
    name: 'file_keys',
    share: 100_000,
    columns: 'file_id, user_id, encrypted_key',
    row: `md5('file' || n / 5)::uuid, md5('user' || (n / 5 + n % 5 * 7919) % 20000)::uuid, 'key'`,
  },
  {
    name: 'file_deltas',
    share: 40_000,
    columns: 'file_id, n, sealed',
    row: `md5('file' || n / 2)::uuid, n % 2, 'sealed'`,
  },
  {
    name: 'reports',
    share: 20_000,
    columns:
      'id, reporter_id, created_at, reason, chatroom_id, seq, evidence, sender_id, envelope, state, closed_at',
    row: `md5('report' || n)::uuid, md5('user' || n % 9973)::uuid, now() - (n || ' minutes')::interval, 'spam',
      md5('room' || n / 5)::uuid, n, 'verified', md5('user' || n)::uuid, case when n < 15000 then 'envelope' end,
      case when n % 10 = 0 then 'open' else 'closed' end,
      case when n % 10 > 0 then now() - (n % 200 || ' days')::interval end`,
  },
  {
    name: 'messages',
    share: 1_000_000,
    columns: 'chatroom_id, seq, id, sender_id, device, cipher_text, recipient, created_at, expires_at',
    // Every other is of the busy room, nine of ten there to others' devices; elsewhere every other.
    row: `case when n % 2 = 0 then '${busyRoom}' else md5('room' || n % 10007)::uuid end, n,
      md5('message' || n)::uuid, md5('user' || n % 19997)::uuid, 1, 'box',
      case
        when n % 10000 = 10 then '${busyMember}:1'
        when n % 2 = 0 and n % 20 > 0 or n % 4 = 1 then md5('user' || n % 20)::uuid || ':1'
      end,
      now(), case when n % 20 = 0 then now() + (n % 3000 - 5 || ' hours')::interval end`,
  },
];

/** Fills empty tables with `count` messages and the rest in proportion, and has them analysed. */
export async function fillDatabase(pool: pg.Pool, count: number): Promise<void> {
  const client = await pool.connect();
  try {
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(`
      select i.indexname as name, i.indexdef as definition from pg_indexes i
      where i.schemaname = 'public'
        and not exists (select from pg_constraint c where c.conname = i.indexname)`);
    // Rows first, then what finds them: several times as fast.
    for (const { name } of indexes) await client.query(`drop index "${name}"`);
    const { rows: keys } = await client.query<{ name: string; definition: string }>(`
      select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = 'messages'::regclass and contype in ('p', 'u')`);
    for (const { name } of keys) await client.query(`alter table messages drop constraint "${name}"`);
    // What a crash may take needs no log.
    await client.query('alter table messages set unlogged');
    await client.query(`set session_replication_role = replica`);
    for (const { name, share, columns, row } of tables) {
      const rows = Math.ceil((share * count) / 1_000_000);
      // In slices: PGlite lets nothing else in this process run meanwhile.
      for (let from = 0; from < rows; from += slice) {
        const until = Math.min(rows, from + slice) - 1;
        await client.query(`
          insert into ${name} (${columns}) select ${row} from generate_series(${from}, ${until}) n
          on conflict do nothing`);
      }
    }
    await client.query(`set session_replication_role = default`);
    for (const { name, definition } of keys)
      await client.query(`alter table messages add constraint "${name}" ${definition}`);
    for (const { definition } of indexes) await client.query(definition);
    await client.query('analyze');
  } finally {
    client.release();
  }
}
