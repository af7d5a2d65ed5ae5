import type { AccountEnv } from './env.ts';

/** Pauses between attempts to tell a room, in milliseconds: doubling from the first to the longest. */
const firstPause = 1_000;
const longestPause = 60_000;
/** How many rooms are told at the same time. */
const atOnce = 50;
/** How long it is remembered that a session is over, in milliseconds: longer than its access tokens are good for. */
const memory = 3_600_000;

type Visit = { session_id: string; room: string };

/**
 * In which rooms each session of an account may have sockets or tickets: it is written here before a room gives a ticket, so the end
 * of the session can be told to exactly these rooms, whatever Postgres knows of them. That is to be told stays until it has been.
 */
export class Visits {
  readonly #storage: DurableObjectStorage;
  readonly #env: AccountEnv;
  #running: Promise<void> | undefined;
  #pause = firstPause;
  /** When rooms that don't know yet are told, or tried again; undefined when all know. */
  retryAt: number | undefined;

  /** @param open whether the tables are there */
  constructor(storage: DurableObjectStorage, env: AccountEnv, open: boolean) {
    this.#storage = storage;
    this.#env = env;
    if (open && this.#due().length > 0) this.retryAt = Date.now();
  }

  /** Whether `sessionId` has been ended here. */
  isOver(sessionId: string): boolean {
    return this.#storage.sql.exec('select 1 from over where session_id = ?', sessionId).toArray().length > 0;
  }

  /** Keeps that a session asks for a ticket of `room`. */
  add(sessionId: string, room: string): void {
    this.#storage.sql.exec('insert or ignore into visit (session_id, room) values (?, ?)', sessionId, room);
  }

  /** A room in which the account has no sockets any more, as the room says itself. */
  dropRoom(room: string): void {
    this.#storage.sql.exec('delete from visit where room = ?', room);
  }

  /** These sessions are over; `tell` says it to the rooms. */
  end(sessionIds: readonly string[], now: number): void {
    const { sql } = this.#storage;
    sql.exec('delete from over where at < ?', now - memory);
    for (const id of sessionIds) {
      sql.exec('insert or replace into over (session_id, at) values (?, ?)', id, now);
      sql.exec('update visit set due = 1 where session_id = ?', id);
    }
    if (this.#due().length > 0) this.retryAt = now + firstPause;
  }

  /** The account is no more: all of its sessions are over. */
  endAll(): void {
    this.#storage.sql.exec('update visit set due = 1');
  }

  /** Tells every room that is to be told, the unreachable ones once; `retryAt` says when those are worth another try. Never rejects. */
  tell(): Promise<void> {
    this.#running ??= this.#tellAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #tellAll(): Promise<void> {
    const { sql } = this.#storage;
    const away = new Set<string>();
    const due = () =>
      this.#due()
        .filter(({ room }) => !away.has(room))
        .slice(0, atOnce);
    for (let visits = due(); visits.length > 0; visits = due()) {
      const told = await Promise.allSettled(
        visits.map(({ session_id, room }) => this.#env.ROOMS.getByName(room).endSession(session_id)),
      );
      for (const [i, { session_id, room }] of visits.entries()) {
        if (told[i]?.status === 'rejected') away.add(room);
        else sql.exec('delete from visit where session_id = ? and room = ?', session_id, room);
      }
    }
    this.#pause = away.size > 0 ? Math.min(this.#pause * 2, longestPause) : firstPause;
    this.retryAt = away.size > 0 ? Date.now() + this.#pause : undefined;
  }

  #due(): Visit[] {
    return this.#storage.sql.exec<Visit>('select session_id, room from visit where due').toArray();
  }
}
