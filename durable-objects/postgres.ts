import { neon, neonConfig } from '@neondatabase/serverless';
import type { SignedEntry } from '../protocol/roster.ts';
import type { Message } from '../protocol/socket.ts';
import type { RoomEnv } from './env.ts';
import type { MemberRow } from './roster-log.ts';

/** How long one transaction may take before it counts as failed, in milliseconds. */
const patience = 10_000;

/** One statement of a transaction. Each can be repeated without harm: an answer may get lost. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Runs `statements` in one transaction, in order. Throws when Postgres can't be reached or refuses. */
export async function transact(env: RoomEnv, statements: readonly Statement[]): Promise<void> {
  // Read by the driver as it makes the request.
  if (env.NEON_ENDPOINT) neonConfig.fetchEndpoint = env.NEON_ENDPOINT;
  const sql = neon(env.DATABASE_URL);
  // Not AbortSignal.timeout: its timer would keep the object from hibernating long after the answer.
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  try {
    await sql.transaction(
      (transaction) => statements.map(({ text, values }) => transaction.query(text, [...values])),
      { fetchOptions: { signal: abort.signal } },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** A message with the room's stamp, where it has one. */
export type Stamped = Message & { readonly stamp?: string };

/** Messages of the log. */
export const putMessages = (room: string, messages: readonly Stamped[]): Statement => ({
  text: `
    insert into messages
      (chatroom_id, seq, id, sender_id, device, cipher_text, recipient, commitment, stamp, created_at, expires_at)
    select $1::uuid, m.seq, m.id, m.sender, m.device, m.box, m.recipient, m.commitment, m.stamp,
      to_timestamp(m.at / 1000.0), to_timestamp(m."expiresAt" / 1000.0)
    from jsonb_to_recordset($2::jsonb) as m (seq bigint, id uuid, sender uuid, device smallint, box text,
      recipient text, commitment text, stamp text, at bigint, "expiresAt" bigint)
    on conflict do nothing`,
  values: [room, JSON.stringify(messages)],
});

/** Entries of the roster; `first` is the number of the first of them. */
export const putEntries = (room: string, first: number, entries: readonly SignedEntry[]): Statement => ({
  text: `
    insert into roster_entries (chatroom_id, seq, body, signature, invite_signature)
    select $1::uuid, e.seq, e.body, e.signature, e."inviteSignature"
    from jsonb_to_recordset($2::jsonb) as e (seq integer, body text, signature text, "inviteSignature" text)
    on conflict do nothing`,
  values: [room, JSON.stringify(entries.map((entry, i) => ({ ...entry, seq: first + i })))],
});

/** Whether Postgres has no roster entry after number $2 yet: a late repetition must not bring back an older state. */
const newest = `not exists (select 1 from roster_entries where chatroom_id = $1::uuid and seq > $2::integer)`;

/** Members as they are after roster entry `seq`. */
export const putMembers = (room: string, seq: number, members: readonly MemberRow[]): Statement => ({
  text: `
    insert into chatroom_members (chatroom_id, user_id, role, joined_at, sealed_key)
    select $1::uuid, m."userId", m.role, to_timestamp(m."joinedAt" / 1000.0), m."sealedKey"
    from jsonb_to_recordset($3::jsonb) as m ("userId" uuid, role text, "joinedAt" bigint, "sealedKey" text)
    where ${newest}
    on conflict (chatroom_id, user_id) do update
      set role = excluded.role, joined_at = excluded.joined_at, sealed_key = excluded.sealed_key`,
  values: [room, seq, JSON.stringify(members)],
});

/** Those who are no members any more after roster entry `seq`. */
export const dropMembers = (room: string, seq: number, userIds: readonly string[]): Statement => ({
  text: `
    delete from chatroom_members
    where chatroom_id = $1::uuid and ${newest}
      and user_id in (select value::uuid from jsonb_array_elements_text($3::jsonb))`,
  values: [room, seq, JSON.stringify(userIds)],
});

/** A member whose account is no more, or who is none by the room's own word. */
export const dropMember = (room: string, userId: string): Statement => ({
  text: 'delete from chatroom_members where chatroom_id = $1::uuid and user_id = $2::uuid',
  values: [room, userId],
});

/** The room itself. */
export const putRoom = (room: {
  id: string;
  name: string;
  ownerId: string;
  createdAt: number;
}): Statement => ({
  text: `
    insert into chatrooms (id, name, owner_id, created_at)
    values ($1::uuid, $2, $3::uuid, to_timestamp($4::bigint / 1000.0))
    on conflict (id) do update set name = excluded.name, owner_id = excluded.owner_id`,
  values: [room.id, room.name, room.ownerId, room.createdAt],
});

/** Removes a deleted room but for its messages. Its files expire now, which has their objects swept as well. */
export const dropRoom = (room: string): Statement[] => [
  {
    text: 'update files set expiry = now() where chatroom_id = $1::uuid and (expiry is null or expiry > now())',
    values: [room],
  },
  { text: 'delete from chatroom_members where chatroom_id = $1::uuid', values: [room] },
  { text: 'delete from chain_backups where chatroom_id = $1::uuid', values: [room] },
  { text: 'delete from roster_entries where chatroom_id = $1::uuid', values: [room] },
  { text: 'delete from chatrooms where id = $1::uuid', values: [room] },
];

/** Removes a deleted room's messages after `seq`. */
export const dropMessages = (room: string, seq: number): Statement => ({
  text: 'delete from messages where chatroom_id = $1::uuid and seq > $2::bigint',
  values: [room, seq],
});
