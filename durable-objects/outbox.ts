import { metricsName } from '../protocol/metrics.ts';
import { readEntry, type SignedEntry } from '../protocol/roster.ts';
import type { RoomEnv } from './env.ts';
import type { MessageLog } from './log.ts';
import { log } from './logs.ts';
import { tally } from './metrics.ts';
import {
  dropMembers,
  dropMessages,
  dropRoom,
  putEntries,
  putMembers,
  putMessages,
  putRoom,
  type Statement,
  transact,
} from './postgres.ts';
import type { RosterLog } from './roster-log.ts';
import { withStamps } from './stamps.ts';

/** How long messages gather before they go to Postgres together, in milliseconds. */
const gathering = 1_000;
/** The least from one transaction to the next where nobody waits for it, in milliseconds: a busy room costs Postgres no more than that. */
const interval = 5_000;
/** The longest pause between attempts, and how long a rare operation waits for its own, in milliseconds. */
const longestPause = 30_000;
const inlineWait = 3_000;
/**
 * For how long a transaction that was given up may still take effect in Postgres, in milliseconds. A room that was deleted is
 * looked after once more when this has passed: what came late must not bring it back.
 */
export const lateness = 60_000;
/** The furthest that an alarm is set ahead, in milliseconds: an expiry can be beyond what the runtime's clock counts to. */
const longestSleep = 7 * 24 * 3_600_000;
/** What one transaction carries at most: rows, and characters of ciphertext. */
const batchRows = 500;
const batchSize = 2 * 1024 * 1024;
const batchEntries = 200;
const deletedRows = 5_000;

type Cursor = {
  id: string;
  name: string;
  created_at: number;
  deleted_at: number | null;
  name_version: number;
  name_archived: number;
  roster_archived: number;
  messages_archived: number;
  failures: number;
};

/** How far one attempt goes: as far as things were when it began. What is written meanwhile gathers for the next. */
type Goal = Pick<Cursor, 'name_archived' | 'roster_archived' | 'messages_archived'>;

interface Batch {
  readonly statements: readonly (Statement | Promise<Statement>)[];
  /** Moves the cursor, once Postgres has the batch. */
  readonly done: () => void;
}

/**
 * Copies the room to Postgres, in order, for as long as it takes. The room's own SQLite is the truth: what Postgres
 * lacks is found by comparing with a cursor there, so nothing has to be enqueued and nothing can be forgotten. The
 * output gate holds each request back until the writes that it tells of are durable, so Postgres is never ahead.
 */
export class Outbox {
  readonly #storage: DurableObjectStorage;
  readonly #env: RoomEnv;
  readonly #log: MessageLog;
  readonly #roster: RosterLog;
  /** When the alarm goes off that sends what was written; undefined when none is set for that. */
  #due: number | undefined;
  /** When everything was in Postgres last. */
  #flushedAt = 0;
  #running: Promise<boolean> = Promise.resolve(true);
  #queued: Promise<boolean> | undefined;

  constructor(storage: DurableObjectStorage, env: RoomEnv, log: MessageLog, roster: RosterLog) {
    this.#storage = storage;
    this.#env = env;
    this.#log = log;
    this.#roster = roster;
  }

  /** Something was written: sees to it that it goes to Postgres soon. */
  wake(): void {
    // One further ahead than any pause was set by a clock that has jumped back since.
    if (this.#due !== undefined && this.#due <= Date.now() + longestPause) return;
    // Between 0 and `interval` whatever the clock has done since.
    const rest = Math.min(interval, Math.max(0, this.#flushedAt + interval - Date.now()));
    this.#setAlarm(Math.max(gathering, rest));
  }

  #setAlarm(pause: number): void {
    this.#due = Date.now() + pause;
    void this.#storage.setAlarm(this.#due);
  }

  /** The alarm went off: sends everything, or tries again later; comes back at `next` in any case. */
  async alarm(next?: number): Promise<void> {
    this.#due = undefined;
    const lookAgain = this.#lookAgain();
    if (await this.flush()) {
      // Not `due`: what is written meanwhile brings it forward.
      const then = lookAgain ?? next;
      if (then !== undefined && this.#due === undefined) {
        void this.#storage.setAlarm(Math.min(then, Date.now() + longestSleep));
      }
      return;
    }
    const doublings = Math.min(this.#cursor.failures, 16);
    this.#setAlarm(Math.min(longestPause, gathering * 2 ** doublings));
  }

  /** When a deleted room is looked after once more; when that is now, sees to it that its deletion is sent again. */
  #lookAgain(): number | undefined {
    const { deleted_at: deletedAt } = this.#cursor;
    if (deletedAt === null) return undefined;
    const at = deletedAt + lateness;
    if (Date.now() < at) return at;
    const again = `update room set name_version = name_version + 1, messages_archived = max(messages_archived, 1)`;
    this.#storage.sql.exec(again);
    return undefined;
  }

  /** For rare operations: tries at once, so that reading from Postgres sees them, but waits for no more than a bound. */
  async flushSoon(): Promise<void> {
    this.wake();
    let timer: number | null = null;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, inlineWait);
    });
    await Promise.race([this.flush(), patience]);
    clearTimeout(timer);
  }

  /** Sends everything that was written before this call. Says whether Postgres has it. */
  flush(): Promise<boolean> {
    this.#queued ??= this.#turn(this.#running);
    return this.#queued;
  }

  /** One attempt at a time, so that nothing arrives out of order; whoever comes meanwhile shares the next. */
  async #turn(before: Promise<boolean>): Promise<boolean> {
    await before.catch(() => false);
    this.#queued = undefined;
    this.#running = this.#drain();
    return this.#running;
  }

  get #cursor(): Cursor {
    return this.#storage.sql.exec<Cursor>('select * from room').one();
  }

  async #drain(): Promise<boolean> {
    const goal: Goal = {
      name_archived: this.#cursor.name_version,
      roster_archived: this.#roster.seq,
      messages_archived: this.#log.last,
    };
    try {
      for (let batch = this.#next(goal); batch; batch = this.#next(goal)) {
        const began = Date.now();
        await transact(this.#env, await Promise.all(batch.statements));
        tally.observe('outbox_duration_seconds', (Date.now() - began) / 1000);
        batch.done();
      }
    } catch (error) {
      this.#storage.sql.exec('update room set failures = failures + 1');
      const { failures } = this.#cursor;
      tally.count('outbox_failures_total');
      this.#tellBacklog();
      // Not the error's message: it may quote what is stored.
      const code = (error as { code?: string }).code ?? (error as Error).name;
      if (Number.isInteger(Math.log2(failures)))
        log(this.#env, { level: 'warn', event: 'outbox-failed', error: code, count: failures });
      return false;
    }
    this.#flushedAt = Date.now();
    if (this.#cursor.failures > 0) {
      this.#storage.sql.exec('update room set failures = 0');
      this.#tellBacklog();
    }
    return true;
  }

  /** Says how far behind Postgres is, when it could not be reached and when it has caught up. Nobody waits for it. */
  #tellBacklog(): void {
    const { id, messages_archived: archived } = this.#cursor;
    const depth = Math.max(0, this.#log.last - archived);
    const since = this.#log.at(archived + 1)?.at ?? Date.now();
    const told = this.#env.METRICS?.getByName(metricsName).backlog(id, depth, since);
    void told?.catch(() => {});
  }

  #next(goal: Goal): Batch | undefined {
    const cursor = this.#cursor;
    if (cursor.deleted_at !== null) return this.#deletion(cursor);
    const keys = ['name_archived', 'roster_archived', 'messages_archived'] as const;
    return keys.some((key) => cursor[key] < goal[key]) ? this.#changes(cursor) : undefined;
  }

  #changes(cursor: Cursor): Batch | undefined {
    const { sql } = this.#storage;
    const room = cursor.id;
    const statements: (Statement | Promise<Statement>)[] = [];
    const entries = this.#roster.entries(cursor.roster_archived, batchEntries);
    if (entries.length > 0 || cursor.name_archived < cursor.name_version) {
      const { name, created_at: createdAt } = cursor;
      statements.push(putRoom({ id: room, name, ownerId: this.#roster.ownerId, createdAt }));
    }
    if (entries.length > 0) {
      statements.push(
        ...this.#memberChanges(room, entries),
        putEntries(room, cursor.roster_archived + 1, entries),
      );
    }
    const messages = this.#log.following(cursor.messages_archived, batchRows, batchSize);
    if (messages.length > 0)
      statements.push(withStamps(this.#env, room, messages).then((stamped) => putMessages(room, stamped)));
    if (statements.length === 0) return undefined;
    const archived = messages.at(-1)?.seq ?? cursor.messages_archived;
    return {
      statements,
      done: () => {
        sql.exec(
          'update room set name_archived = ?, roster_archived = ?, messages_archived = ?',
          cursor.name_version,
          cursor.roster_archived + entries.length,
          archived,
        );
        this.#log.trim(archived);
      },
    };
  }

  /** The people whom `entries` are about, as they are now. */
  #memberChanges(room: string, entries: readonly SignedEntry[]): Statement[] {
    const about = new Set<string>();
    for (const signed of entries) {
      const entry = readEntry(signed);
      if (entry.kind === 'invite' || entry.kind === 'revoked') continue;
      about.add('user' in entry ? entry.user : entry.by);
    }
    const people = [...about];
    const present = people.flatMap((userId) =>
      this.#roster.admits(userId) ? (this.#roster.member(userId) ?? []) : [],
    );
    const absent = people.filter((userId) => !this.#roster.role(userId));
    const { seq } = this.#roster;
    return [
      ...(present.length > 0 ? [putMembers(room, seq, present)] : []),
      ...(absent.length > 0 ? [dropMembers(room, seq, absent)] : []),
    ];
  }

  /** The room is gone: first from people's lists, then its messages, the newest first. */
  #deletion(cursor: Cursor): Batch | undefined {
    const { sql } = this.#storage;
    if (cursor.name_archived < cursor.name_version) {
      return {
        statements: dropRoom(cursor.id),
        done: () => sql.exec('update room set name_archived = ?', cursor.name_version),
      };
    }
    if (cursor.messages_archived === 0) return undefined;
    const left = Math.max(0, cursor.messages_archived - deletedRows);
    return {
      statements: [dropMessages(cursor.id, left)],
      done: () => sql.exec('update room set messages_archived = ?', left),
    };
  }
}
