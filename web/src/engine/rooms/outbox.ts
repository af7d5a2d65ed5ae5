import type { Outgoing } from '../../../../protocol/socket.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { mayPass, ProblemError } from '../api.ts';
import { inBackground } from '../background.ts';
import type { Verdict } from '../crypto/index.ts';
import type { Row } from '../store/store.ts';
import { EngineError } from '../types.ts';
import { remindWhenOnline } from '../unsent.ts';
import type { RosterLog } from './roster.ts';

export interface OutboxOptions {
  readonly session: Session;
  readonly room: string;
  /** Who has come and gone, as far as this tab knows. */
  readonly roster: Pick<RosterLog, 'entries' | 'departures'>;
  /** Hands a frame to the socket; false when there is none. */
  readonly transmit: (frame: Outgoing) => boolean;
  /** A message was sealed, perhaps with a new chain. */
  readonly onSealed: () => void;
  /** The rows changed. */
  readonly onChange: () => Promise<void>;
}

const retryAfter = 5_000;

/** Messages on their way out: kept encrypted over reloads, sealed once, sent as the same bytes until the room has them. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** Stands for the present connection; undefined while there is none. */
  #line: object | undefined;
  /** Ids of frames that went out on the present line. */
  readonly #sent = new Set<string>();
  /** Of these, the key distributions that the room has not acknowledged yet. */
  readonly #awaited = new Set<string>();
  /** Key distributions that the room has. */
  readonly #delivered = new Set<string>();
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  /** While it runs, nothing is sent. */
  #pause: ReturnType<typeof setTimeout> | undefined;
  #rescue: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** All rows, oldest first. */
  async rows(): Promise<Row<'outbox'>[]> {
    const { session, room } = this.#options;
    return (await session.store.list('outbox', `${room}/`)).map(([, row]) => row);
  }

  /** Keeps a message, then tries to send it; resolves when it is kept. */
  async add(row: Row<'outbox'>): Promise<void> {
    await this.#options.session.store.write([{ table: 'outbox', key: this.#key(row.id), value: row }]);
    this.flush();
    inBackground(remindWhenOnline(), 'asking to be reminded');
    // It will go out: who was told that it failed would say it again.
    await this.#options.onChange().catch((error) => console.error('the outbox could not be shown', error));
  }

  /** The connection is gone: what was handed to it may not have arrived. */
  disconnected(): void {
    this.#line = undefined;
  }

  /** There is a new connection, and the room and this client are at one: everything goes out again, in order. */
  connected(): void {
    this.#line = {};
    this.#sent.clear();
    this.#awaited.clear();
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.flush();
  }

  /** Tries to send everything that waits. */
  flush(): void {
    if (this.#closed || this.#pause !== undefined) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#flush()
      .catch((error) => {
        console.error('the outbox had to stop', error);
        this.#later(retryAfter);
      })
      .finally(() => {
        this.#running = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.flush();
      });
  }

  /** Looks again in a while: another tab may have left something behind. */
  flushEventually(): void {
    if (this.#closed) return;
    this.#rescue ??= setTimeout(() => {
      this.#rescue = undefined;
      this.flush();
    }, retryAfter);
  }

  /** The room has a frame. */
  accepted(frameId: string): void {
    if (!this.#awaited.delete(frameId)) return;
    this.#delivered.add(frameId);
    if (this.#awaited.size === 0) this.flush();
  }

  /** The room refused a frame. */
  async refused(frameId: string | undefined, error: ProblemError): Promise<void> {
    const row = (await this.rows()).find(
      ({ id, frames }) => id === frameId || frames?.some((frame) => frame.id === frameId),
    );
    if (!row || frameId === undefined) return;
    this.#sent.delete(frameId);
    this.#awaited.delete(frameId);
    if (mayPass(error)) return this.#later((error.problem.retryAfter ?? retryAfter / 1000) * 1000);
    await this.#release(row.id, { kind: 'fail', problem: error.message });
    this.flush();
  }

  /** Tries a failed message again. */
  async retry(id: string): Promise<void> {
    await this.#release(id, { kind: 'retry' });
    this.flush();
  }

  /** Gives a message up. It may have arrived already, if its frames went out. */
  async discard(id: string): Promise<void> {
    await this.#release(id, { kind: 'discard' });
    this.flush();
  }

  /** Stops trying; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#pause);
    clearTimeout(this.#rescue);
    await this.#running;
  }

  #key = (id: string) => `${this.#options.room}/${id}`;

  /** In order or not at all: what comes after a row that must wait waits too. */
  async #flush(): Promise<void> {
    const line = this.#line;
    const rows = await this.rows();
    this.#forgetBut(rows);
    for (const row of rows) {
      if (row.problem !== undefined || this.#sent.has(row.id)) continue;
      if (row.frames?.some(({ expiresAt }) => expiresAt !== undefined && expiresAt <= Date.now())) {
        await this.#release(row.id, { kind: 'fail', problem: m.engine_tooLate() });
        continue;
      }
      try {
        const sealed = await this.#sealed(row);
        if (!sealed) continue;
        // Whoever knows more brings it into the store, and is heard of.
        if (sealed === 'later') return;
        // A connection that came meanwhile starts from the first row.
        if (!line || line !== this.#line || !this.#transmit(sealed)) return;
      } catch (error) {
        // Whoever left while we looked for their keys is not a member any more.
        if (mayPass(error) || (error instanceof ProblemError && error.is('not-a-member')))
          return this.#later(retryAfter);
        if (!(error instanceof EngineError)) throw error;
        await this.#release(row.id, { kind: 'fail', problem: error.message });
      }
    }
  }

  /** Of messages that are gone nothing needs to be known any more. */
  #forgetBut(rows: readonly Row<'outbox'>[]): void {
    const waiting = new Set(rows.flatMap(({ id, frames = [] }) => [id, ...frames.map((frame) => frame.id)]));
    for (const ids of [this.#sent, this.#delivered])
      for (const id of ids) if (!waiting.has(id)) ids.delete(id);
  }

  /**
   * Hands over what the room lacks of a row; whether that was all. The message goes when the room has the keys: a key that
   * is refused for haste must not be overtaken by what it opens.
   */
  #transmit({ frames = [] }: Row<'outbox'>): boolean {
    const keys = frames.filter(({ id, recipient }) => recipient !== undefined && !this.#delivered.has(id));
    for (const frame of keys.length ? keys : frames.filter(({ recipient }) => recipient === undefined)) {
      if (this.#sent.has(frame.id)) continue;
      if (!this.#options.transmit(frame)) return false;
      this.#sent.add(frame.id);
      if (frame.recipient !== undefined) this.#awaited.add(frame.id);
    }
    return keys.length === 0;
  }

  /** The row with frames for the present members: sealed before, or now. Undefined when another tab saw it through. */
  async #sealed(row: Row<'outbox'>): Promise<Row<'outbox'> | 'later' | undefined> {
    const { session, room, roster, onSealed } = this.#options;
    for (;;) {
      const { departures, entries } = roster;
      if (row.frames && row.departures === departures) return row;
      const sealed = await session.keys.seal(room, row.id, entries.length);
      onSealed();
      // Who left while we were at it gets nothing.
      if (roster.departures === departures) return sealed;
    }
  }

  /** Takes a row out of the queue, or puts it back. Nothing happens when the room has it already. */
  async #release(id: string, verdict: Verdict): Promise<void> {
    const { session, room, onChange } = this.#options;
    await session.keys.release(room, id, verdict, [...this.#delivered]);
    this.#sent.delete(id);
    await onChange();
  }

  #later(milliseconds: number): void {
    if (this.#closed) return;
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.flush();
    }, milliseconds);
  }
}
