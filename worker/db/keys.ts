import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import * as z from 'zod/mini';
import { DeviceId, Uuid } from '../../protocol/scalars.ts';
import type { Caller } from '../env.ts';
import type { Database } from './client.ts';
import { devices, oneTimePreKeys, type StoredPreKey } from './schema.ts';

export interface NewPreKeys {
  readonly oneTimePreKeys: readonly { readonly id: number; readonly publicKey: string }[];
  readonly kyberPreKeys: readonly StoredPreKey[];
}

export interface NewDevice extends NewPreKeys {
  /** Whose device it is, and the session that speaks for it from now on. */
  readonly caller: Caller;
  readonly deviceId: number;
  readonly registrationId: number;
  readonly signedPreKey: StoredPreKey;
  readonly kyberPreKey?: StoredPreKey | undefined;
  readonly sealedName?: string | undefined;
  readonly list: NewList;
}

export interface NewList {
  readonly version: number;
  readonly body: string;
  readonly signature: string;
  /** The devices that it names: the account's others are dropped, with their keys. */
  readonly ids: readonly number[];
}

/** One-time keys that are still to be handed out. */
export interface Stock {
  readonly oneTime: number;
  readonly kyber: number;
}

const Ended = z.array(z.object({ ended: z.array(Uuid) }));

/**
 * Publishes a device and the list that names it, all or nothing; devices that it names no more are dropped with their keys,
 * and their sessions are over (`ended`). Undefined when the list neither follows the one
 * that is stored nor is that one again.
 */
export async function publishDevice(
  database: Database,
  device: NewDevice,
): Promise<{ stock: Stock; ended: string[] } | undefined> {
  const { deviceId, list } = device;
  const { userId, sessionId } = device.caller;
  const [{ rows }, kinds] = await database.batch([
    database.execute(sql`
      with ${replaceList(device.caller, list)}, bound as (
        update sessions set device_id = ${deviceId}::smallint
        where id = ${sessionId} and user_id in (select user_id from list)
      ), device as (
        insert into devices (user_id, id, registration_id, signed_prekey, kyber_prekey, sealed_name)
        select user_id, ${deviceId}::smallint, ${device.registrationId}::int, ${JSON.stringify(device.signedPreKey)}::jsonb,
          ${device.kyberPreKey ? JSON.stringify(device.kyberPreKey) : null}::jsonb, ${device.sealedName ?? null}
        from list
        on conflict (user_id, id) do update
          set registration_id = excluded.registration_id, signed_prekey = excluded.signed_prekey,
            kyber_prekey = excluded.kyber_prekey, last_seen = now(),
            sealed_name = coalesce(excluded.sealed_name, devices.sealed_name)
        returning user_id, id
      ), keys as (${insertPreKeys(sql`device`, device)})
      select (select coalesce(jsonb_agg(id), '[]') from ended) as ended from list`),
    countStock(database, userId, deviceId),
  ]);
  const [published] = Ended.parse(rows);
  return published && { stock: stockOf(kinds), ended: published.ended };
}

/**
 * Puts a list in place of the one that it follows; devices that it names no more are dropped with their keys, and their sessions are
 * over: answers these, or undefined when the list neither follows the one that is stored nor is that one again.
 */
export async function dropDevices(
  database: Database,
  caller: Caller,
  list: NewList,
): Promise<string[] | undefined> {
  const { rows } = await database.execute(sql`
    with ${replaceList(caller, list)}
    select (select coalesce(jsonb_agg(id), '[]') from ended) as ended from list`);
  return Ended.parse(rows)[0]?.ended;
}

/** The first parts of a statement: `list` has a row when it was replaced, `ended` the sessions that are over. */
function replaceList({ userId, sessionId }: Caller, list: NewList): SQL {
  const listed = sql`(select value::smallint from jsonb_array_elements_text(${JSON.stringify(list.ids)}::jsonb))`;
  return sql`
    list as (
      insert into device_lists (user_id, version, body, signature)
      select ${userId}::uuid, ${list.version}::int, ${list.body}, ${list.signature}
      where ${list.version}::int = 1 or exists (select from device_lists where user_id = ${userId})
      on conflict (user_id) do update
        set version = excluded.version, body = excluded.body, signature = excluded.signature
        where device_lists.version = excluded.version - 1
          or (device_lists.version = excluded.version and device_lists.body = excluded.body)
      returning user_id
    ), dropped as (
      delete from devices
      where user_id in (select user_id from list)
        and id not in ${listed}
    ), ended as (
      update sessions set revoked_at = now()
      where user_id in (select user_id from list) and revoked_at is null and id <> ${sessionId}
        and device_id not in ${listed}
      returning id
    )`;
}

/** The devices of an account, as far as the server knows them. */
export const devicesOf = (database: Database, userId: string) =>
  database
    .select({ deviceId: devices.id, sealedName: devices.sealedName, lastSeen: devices.lastSeen })
    .from(devices)
    .where(eq(devices.userId, userId))
    .orderBy(devices.id);

/** Names a device of the account; says whether there is one. */
export async function nameDevice(
  database: Database,
  userId: string,
  id: number,
  sealedName: string,
): Promise<boolean> {
  const named = await database
    .update(devices)
    .set({ sealedName })
    .where(and(eq(devices.userId, userId), eq(devices.id, id)))
    .returning({ id: devices.id });
  return named.length > 0;
}

/** Adds one-time keys of a device, for which the caller's session speaks from now on; undefined when there is no such device. */
export async function addPreKeys(
  database: Database,
  { userId, sessionId }: Caller,
  deviceId: number,
  keys: NewPreKeys,
): Promise<Stock | undefined> {
  const [{ rows }, kinds] = await database.batch([
    database.execute(sql`
      with device as (
        update devices set last_seen = now() where user_id = ${userId} and id = ${deviceId} returning user_id, id
      ), bound as (
        update sessions s set device_id = d.id from device d where s.id = ${sessionId} and s.user_id = d.user_id
      ), keys as (${insertPreKeys(sql`device`, keys)})
      select id from device`),
    countStock(database, userId, deviceId),
  ]);
  return rows.length === 0 ? undefined : stockOf(kinds);
}

/** Keys in stock from which on a device gets no more of them: far beyond what any client keeps there. */
const fullStock = 1000;

/** Inserts keys for the row of `device`; a number that was ever stored, spent or not, stays as it is. */
function insertPreKeys(device: SQL, keys: NewPreKeys): SQL {
  const all = [
    ...keys.oneTimePreKeys.map((key) => ({ ...key, kind: 'ec', signature: null })),
    ...keys.kyberPreKeys.map((key) => ({ ...key, kind: 'kyber' })),
  ];
  return sql`
    insert into one_time_prekeys (user_id, device_id, kind, key_id, public_key, signature)
    select d.user_id, d.id, k.kind, k.id, k."publicKey", k.signature
    from ${device} d, jsonb_to_recordset(${JSON.stringify(all)}::jsonb)
      as k (kind text, id int, "publicKey" text, signature text)
    where (select count(*) from one_time_prekeys p
      where p.user_id = d.user_id and p.device_id = d.id and p.handed_out_at is null) < ${fullStock}
    on conflict do nothing`;
}

const countStock = (database: Database, userId: string, deviceId: number) =>
  database
    .select({ kind: oneTimePreKeys.kind, count: sql<number>`count(*)::int` })
    .from(oneTimePreKeys)
    .where(
      and(
        eq(oneTimePreKeys.userId, userId),
        eq(oneTimePreKeys.deviceId, deviceId),
        isNull(oneTimePreKeys.handedOutAt),
      ),
    )
    .groupBy(oneTimePreKeys.kind);

const stockOf = (kinds: readonly { kind: 'ec' | 'kyber'; count: number }[]): Stock => ({
  oneTime: kinds.find(({ kind }) => kind === 'ec')?.count ?? 0,
  kyber: kinds.find(({ kind }) => kind === 'kyber')?.count ?? 0,
});

const Taken = z.array(
  z.object({
    device: DeviceId,
    kind: z.enum(['ec', 'kyber']),
    id: z.int(),
    publicKey: z.string(),
    signature: z.nullable(z.string()),
  }),
);
export type TakenPreKey = z.infer<typeof Taken>[number];

/** The devices `ids` of an account, and one one-time key of each kind for each of them, which nobody else will get. */
export async function takeBundles(
  database: Database,
  userId: string,
  ids: readonly number[],
): Promise<{ device: typeof devices.$inferSelect; keys: TakenPreKey[] }[]> {
  const [found, { rows }] = await database.batch([
    database
      .select()
      .from(devices)
      .where(and(eq(devices.userId, userId), inArray(devices.id, [...ids]))),
    database.execute(sql`
    with picked as (
      select k.* from devices d
      cross join (values ('ec'), ('kyber')) as kinds (kind)
      cross join lateral (
        select * from one_time_prekeys p
        where p.user_id = d.user_id and p.device_id = d.id and p.kind = kinds.kind and p.handed_out_at is null
        order by p.key_id limit 1 for update skip locked
      ) k
      where d.user_id = ${userId} and d.id in ${ids}
    ), spent as (
      update one_time_prekeys p set handed_out_at = now(), public_key = '', signature = null from picked k
      where p.user_id = k.user_id and p.device_id = k.device_id and p.kind = k.kind and p.key_id = k.key_id
    )
    select device_id as device, kind, key_id as id, public_key as "publicKey", signature from picked`),
  ]);
  const keys = Taken.parse(rows);
  return found.map((device) => ({ device, keys: keys.filter((key) => key.device === device.id) }));
}
