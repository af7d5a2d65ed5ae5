import { and, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import * as z from 'zod/mini';
import { fromBase64, sha256, toBase64 } from '../../protocol/bytes.ts';
import { Uuid } from '../../protocol/scalars.ts';
import type { Database } from '../db/client.ts';
import { devices, refreshTokens, sessions } from '../db/schema.ts';
import type { Caller } from '../env.ts';

/** Seconds that a session lives on after its last use. */
export const sessionLife = 60 * 24 * 3600;
/** Seconds in which a token that was just exchanged may come again: two tabs, or an answer that got lost. */
const grace = 30;

export interface Issued extends Caller {
  /** 256 random bits, base64url; only its hash is kept. */
  readonly refreshToken: string;
}

const makeToken = (): string => toBase64(crypto.getRandomValues(new Uint8Array(32)));
const hashToken = async (token: string): Promise<string> => toBase64(await sha256(fromBase64(token)));
const endOfLife = (): Date => new Date(Date.now() + sessionLife * 1000);

/** Starts a session of `userId`. */
export async function startSession(database: Database, userId: string): Promise<Issued> {
  const sessionId = crypto.randomUUID();
  const refreshToken = makeToken();
  const tokenHash = await hashToken(refreshToken);
  const expiresAt = endOfLife();
  await database.batch([
    database.insert(sessions).values({ id: sessionId, userId, expiresAt }),
    database
      .insert(refreshTokens)
      .values({ id: crypto.randomUUID(), family: sessionId, tokenHash, expiresAt }),
  ]);
  return { userId, sessionId, refreshToken };
}

/** `reused`: the token was spent long ago, so somebody else may have it, and its session has been ended. */
export type Exchange = { readonly issued: Issued } | { readonly reused: Caller } | undefined;

const Spent = z.array(z.object({ session: Uuid, account: Uuid }));
const Repeated = z.array(z.object({ session: Uuid, account: Uuid, recent: z.boolean() }));

/**
 * Exchanges a refresh token for its successor, exactly once; within the grace time it may come again and gets another
 * successor. Whichever of the two is exchanged first goes on, and the other counts as spent from then: a thief and an owner who
 * both got one can't live side by side. Undefined for a token that is unknown, has expired, or whose session or account is over.
 */
export async function exchangeToken(database: Database, token: string): Promise<Exchange> {
  const tokenHash = await hashToken(token);
  const refreshToken = makeToken();
  const successor = { id: crypto.randomUUID(), hash: await hashToken(refreshToken) };
  const expiresAt = endOfLife().toISOString();
  const { rows: spentRows } = await database.execute(sql`
    with held as (
      -- One exchange of a session at a time, or two that each spend the other's token would wait for one another.
      select s.id, s.user_id from sessions s join users u on u.id = s.user_id
      where s.id = (select family from refresh_tokens where token_hash = ${tokenHash})
        and s.revoked_at is null and u.status = 'active'
      for update of s
    ), spent as (
      update refresh_tokens t set used_at = now(), successor = ${successor.id} from held
      where t.token_hash = ${tokenHash} and t.used_at is null and t.expires_at > now() and t.family = held.id
      returning t.family as session, held.user_id as account
    ), overtaken as (
      update refresh_tokens t set used_at = now() from spent
      where t.family = spent.session and t.used_at is null and t.token_hash <> ${tokenHash}
    ), kept as (
      update sessions set used_at = now(), expires_at = ${expiresAt} where id in (select session from spent)
    ), issued as (
      insert into refresh_tokens (id, family, token_hash, expires_at)
      select ${successor.id}::uuid, session, ${successor.hash}, ${expiresAt}::timestamptz from spent
    )
    select session, account from spent`);
  const [spent] = Spent.parse(spentRows);
  if (spent) return { issued: { userId: spent.account, sessionId: spent.session, refreshToken } };

  const { rows: repeatedRows } = await database.execute(sql`
    with repeated as (
      select t.family as session, s.user_id as account, t.used_at > now() - ${grace} * interval '1 second' as recent
      from refresh_tokens t join sessions s on s.id = t.family join users u on u.id = s.user_id
      where t.token_hash = ${tokenHash} and t.used_at is not null and t.expires_at > now()
        and s.revoked_at is null and u.status = 'active'
    ), ended as (
      update sessions set revoked_at = now() where id in (select session from repeated where not recent)
    ), issued as (
      insert into refresh_tokens (id, family, token_hash, expires_at)
      select ${successor.id}::uuid, session, ${successor.hash}, ${expiresAt}::timestamptz from repeated where recent
    )
    select session, account, recent from repeated`);
  const [repeated] = Repeated.parse(repeatedRows);
  if (!repeated) return undefined;
  const caller = { userId: repeated.account, sessionId: repeated.session };
  return repeated.recent ? { issued: { ...caller, refreshToken } } : { reused: caller };
}

/** Whether the caller's session still lives, and the account may use it. */
export async function sessionLives(database: Database, { userId, sessionId }: Caller): Promise<boolean> {
  const { rows } = await database.execute(sql`
    select 1 from sessions s join users u on u.id = s.user_id
    where s.id = ${sessionId} and s.user_id = ${userId} and s.revoked_at is null and s.expires_at > now()
      and u.status = 'active'`);
  return rows.length > 0;
}

/** Up to `limit` sessions of `userId` that are still good, the newest first, after the one that was created at `after` with that id. */
export const sessionsOf = (
  database: Database,
  userId: string,
  after: readonly [createdAt: string, id: string] | undefined,
  limit: number,
) =>
  database
    .select({
      id: sessions.id,
      deviceId: devices.id,
      sealedName: devices.sealedName,
      createdAt: sessions.createdAt,
      usedAt: sessions.usedAt,
      expiresAt: sessions.expiresAt,
    })
    .from(sessions)
    .leftJoin(devices, and(eq(devices.userId, sessions.userId), eq(devices.id, sessions.deviceId)))
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.revokedAt),
        gt(sessions.expiresAt, sql`now()`),
        after && sql`(${sessions.createdAt}, ${sessions.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
      ),
    )
    .orderBy(desc(sessions.createdAt), desc(sessions.id))
    .limit(limit);

/** Ends every session of `userId` but `kept`; answers their ids, those that had been ended before too. */
export async function endOtherSessions(database: Database, userId: string, kept?: string): Promise<string[]> {
  const { rows } = await database.execute(sql`
    update sessions set revoked_at = coalesce(revoked_at, now())
    where user_id = ${userId} and id is distinct from ${kept ?? null}::uuid
    returning id as session, user_id as account`);
  return Spent.parse(rows).map(({ session }) => session);
}

/** Ends the session that a refresh token, spent or not, belongs to; undefined where there is none. The same again answers the same. */
export async function endSession(database: Database, token: string): Promise<Caller | undefined> {
  const { rows } = await database.execute(sql`
    update sessions s set revoked_at = coalesce(revoked_at, now()) from refresh_tokens t
    where t.token_hash = ${await hashToken(token)} and s.id = t.family
    returning s.id as session, s.user_id as account`);
  const [ended] = Spent.parse(rows);
  return ended && { userId: ended.account, sessionId: ended.session };
}

/** Ends a session of `userId` by its id; says whether there is one, alive or over. */
export async function endSessionOf(database: Database, userId: string, id: string): Promise<boolean> {
  const { rowCount } = await database.execute(sql`
    update sessions set revoked_at = coalesce(revoked_at, now()) where id = ${id} and user_id = ${userId}`);
  return rowCount > 0;
}
