import type { RoomEnv } from './env.ts';

/**
 * How many accounts are told at the same time. After as many comes a rest as long as telling them took, up to so many milliseconds:
 * objects that come to life may share the room's thread, and what is said meanwhile goes between them.
 */
const atOnce = 8;
const longestRest = 100;
/** Stand in place of a `seq`: for an account whose room is over, and for one that is no more. */
const over = -1;
const never = -2;

/** After how long somebody is told again in any case, in milliseconds: one device of theirs may read here while another sleeps. */
const renewal = 5 * 60_000;

type Due = { user_id: string; seq: number; news: number };

/**
 * Tells the accounts of a room's members that there is something new, so that nobody needs this room's socket to know. Each is
 * told once and not again until one of their sockets has come here or gone from here, which makes the next message news again; or until
 * some minutes have passed. So a busy room costs the absent one call in a while, not one a message.
 *
 * What is to be told is in SQLite before anything is sent, and stays until the account has it.
 */
export class Wakes {
  readonly #storage: DurableObjectStorage;
  readonly #env: RoomEnv;
  readonly #room: string;
  /** Members to whom the next message is news. */
  readonly #ready: Set<string>;
  /** Those of them whose account knows that they said something; that they go on is no news to it. */
  readonly #saying = new Set<string>();
  #running: Promise<boolean> | undefined;
  #renewedAt = 0;

  constructor(storage: DurableObjectStorage, env: RoomEnv, room: string) {
    this.#storage = storage;
    this.#env = env;
    this.#room = room;
    const query = `select user_id from member where user_id not in (select user_id from wake where not ready)`;
    const rows = storage.sql.exec<{ user_id: string }>(query);
    this.#ready = new Set([...rows].map(({ user_id }) => user_id));
  }

  /** A message of `sender` for everybody was stored as `seq` at `now`. */
  stirred(seq: number, sender: string, now: number): void {
    this.#renew(now);
    if (this.#ready.size === 0) return;
    const own = this.#ready.delete(sender);
    for (const userId of this.#ready) this.#put(userId, seq, { now, ready: false, news: true });
    this.#ready.clear();
    // Their own words are told to their other devices, and make what others write no less news.
    if (own) {
      this.#ready.add(sender);
      if (!this.#saying.has(sender)) this.#put(sender, seq, { now, ready: true, news: false });
      this.#saying.add(sender);
    }
    void this.deliver();
  }

  #renew(now: number): void {
    if (Math.abs(now - this.#renewedAt) < renewal / 5) return;
    this.#renewedAt = now;
    this.#saying.clear();
    const statement = 'update wake set ready = 1 where not ready and seq >= 0 and at <= ? returning user_id';
    const renewed = this.#storage.sql.exec<{ user_id: string }>(statement, now - renewal);
    for (const { user_id } of renewed) this.#ready.add(user_id);
  }

  /** Somebody came into the room: their other devices hear of it. */
  joined(userId: string): void {
    this.#put(userId, 0, { now: Date.now(), ready: true, news: false });
    this.#ready.add(userId);
    void this.deliver();
  }

  /** The room is over for somebody. */
  ended(userId: string): void {
    this.#ready.delete(userId);
    this.#put(userId, over, { now: Date.now(), ready: false, news: false });
    void this.deliver();
  }

  /** A member's account is no more: it is told nothing, ever. */
  forget(userId: string): void {
    this.#ready.delete(userId);
    this.#put(userId, never, { now: Date.now(), ready: false, news: false });
    this.#storage.sql.exec('update wake set delivered = 1 where user_id = ?', userId);
  }

  /** One of a member's sockets has caught up. */
  came(userId: string): void {
    this.#saying.delete(userId);
    if (this.#ready.has(userId)) return;
    this.#storage.sql.exec('update wake set ready = 1 where user_id = ?', userId);
    this.#ready.add(userId);
  }

  /** One of a member's sockets is gone. What went to it since they were last told may not have arrived: says whether it is told now. */
  went(userId: string): boolean {
    this.#saying.delete(userId);
    if (this.#ready.has(userId) && !this.#saidMore(userId)) return false;
    this.#storage.sql.exec(
      `update wake set ready = 1,
         delivered = delivered and seq >= (select coalesce(max(seq), 0) from message where recipient is null),
         seq = max(seq, (select coalesce(max(seq), 0) from message where recipient is null))
       where user_id = ? and seq >= 0`,
      userId,
    );
    this.#ready.add(userId);
    void this.deliver();
    return this.#due(1).length > 0;
  }

  /** Whether somebody has said more than their account knows of. */
  #saidMore(userId: string): boolean {
    const query = `select 1 from message, wake where user_id = ? and message.seq > wake.seq and wake.seq >= 0
        and sender = user_id and recipient is null limit 1`;
    return this.#storage.sql.exec(query, userId).toArray().length > 0;
  }

  /** Tells everybody who is to be told; answers whether all know now. Never rejects: the room's alarm tries again. */
  deliver(): Promise<boolean> {
    this.#running ??= this.#tellAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #tellAll(): Promise<boolean> {
    for (let due = this.#due(atOnce); due.length > 0; due = this.#due(atOnce)) {
      const began = Date.now();
      const told = await Promise.allSettled(
        due.map(async ({ user_id, seq, news }) => {
          const account = this.#env.ACCOUNTS.getByName(user_id);
          await (seq === over ? account.dropped(this.#room) : account.stirred(this.#room, seq, news === 1));
        }),
      );
      for (const [i, { user_id, seq }] of due.entries()) {
        if (told[i]?.status !== 'fulfilled') continue;
        const { sql } = this.#storage;
        // Not what has been put there meanwhile.
        sql.exec('update wake set delivered = 1 where user_id = ? and seq = ?', user_id, seq);
        if (seq === over) sql.exec('delete from wake where user_id = ? and seq = ?', user_id, over);
      }
      if (told.some(({ status }) => status === 'rejected')) return false;
      if (due.length === atOnce) {
        await scheduler.wait(Math.min(longestRest, Math.max(0, Date.now() - began)));
      }
    }
    return true;
  }

  #put(
    userId: string,
    seq: number,
    { now, ready, news }: { now: number; ready: boolean; news: boolean },
  ): void {
    this.#storage.sql.exec(
      `insert or replace into wake (user_id, seq, delivered, ready, news, at) values (?, ?, 0, ?, ?, ?)`,
      userId,
      seq,
      ready ? 1 : 0,
      news ? 1 : 0,
      now,
    );
  }

  #due(limit: number): Due[] {
    const query = 'select user_id, seq, news from wake where not delivered limit ?';
    return this.#storage.sql.exec<Due>(query, limit).toArray();
  }
}
