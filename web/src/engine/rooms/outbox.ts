import { DeviceListError } from '../../../../crypto/account/index.ts';
import { SignalError } from '../../../../crypto/signal/index.ts';
import type { Outgoing } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { NetworkError, ProblemError } from '../api.ts';
import type { Peers } from '../crypto/peers.ts';
import { type Audience, findReaders, sealRow } from '../crypto/sealing.ts';
import type { Row } from '../store/store.ts';
import { EngineError } from '../types.ts';

export interface OutboxOptions {
  readonly session: Session;
  readonly peers: Peers;
  readonly room: string;
  /** Whom the room consists of now. */
  readonly audience: () => Audience;
  /** Hands a frame to the socket; false when there is none. */
  readonly transmit: (frame: Outgoing) => boolean;
  /** The rows changed. */
  readonly onChange: () => Promise<void>;
}

const retryAfter = 5_000;

/** Messages on their way out: kept encrypted over reloads, sealed once, sent as the same bytes until the room has them. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** Ids whose frames went out on the present socket. */
  readonly #transmitted = new Set<string>();
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

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
    await this.#options.onChange();
    this.flush();
  }

  /** A new socket: what was handed to the old one may not have arrived. */
  reconnected(): void {
    this.#transmitted.clear();
    this.flush();
  }

  /** Tries to send everything that waits. */
  flush(): void {
    if (this.#closed) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#flush().finally(() => {
      this.#running = undefined;
      if (this.#again) {
        this.#again = false;
        this.flush();
      }
    });
  }

  /** The room refused a frame. */
  async refused(frameId: string | undefined, error: ProblemError): Promise<void> {
    const row = (await this.rows()).find(
      ({ id, frames }) => id === frameId || frames?.some((frame) => frame.id === frameId),
    );
    if (!row) return;
    this.#transmitted.delete(row.id);
    if (error.is('rate-limited') || error.is('unavailable') || error.is('internal'))
      return this.#later((error.problem.retryAfter ?? retryAfter / 1000) * 1000);
    await this.#fail(row, error.message);
  }

  /** Tries a failed message again. */
  async retry(id: string): Promise<void> {
    const row = await this.#options.session.store.get('outbox', this.#key(id));
    if (!row) return;
    const { problem: _, ...rest } = row;
    this.#transmitted.delete(id);
    await this.add(rest);
  }

  /** Gives a message up. It may have arrived already, if its frames went out. */
  async discard(id: string): Promise<void> {
    await this.#options.session.store.write([{ table: 'outbox', key: this.#key(id), value: undefined }]);
    await this.#options.onChange();
  }

  /** Stops trying; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #key = (id: string) => `${this.#options.room}/${id}`;

  async #flush(): Promise<void> {
    for (const row of await this.rows()) {
      if (row.problem !== undefined || this.#transmitted.has(row.id)) continue;
      try {
        const sealed = await this.#sealed(row);
        if (!sealed) continue;
        this.#transmitted.add(sealed.id);
        for (const frame of sealed.frames ?? []) {
          if (this.#options.transmit(frame)) continue;
          this.#transmitted.delete(sealed.id);
          return;
        }
      } catch (error) {
        // In order or not at all: what comes after waits too.
        if (error instanceof NetworkError || (error instanceof ProblemError && error.problem.status >= 429))
          return this.#later(retryAfter);
        if (error instanceof EngineError || error instanceof SignalError || error instanceof DeviceListError)
          await this.#fail(
            row,
            error instanceof EngineError ? error.message : `It was not sent, to be safe: ${error.message}.`,
          );
        else throw error;
      }
    }
  }

  /** The row with frames for the present audience: sealed before, or now. Undefined when another tab saw it through. */
  async #sealed(row: Row<'outbox'>): Promise<Row<'outbox'> | undefined> {
    const { session, peers, audience } = this.#options;
    const present = audience();
    if (row.frames && row.departures === present.departures) return row;
    const readers = await findReaders(session, peers, present);
    return session.locks.run('crypto', async () => {
      const draft = session.store.draft();
      const current = await draft.get('outbox', this.#key(row.id));
      if (!current || (current.frames && current.departures === present.departures)) return current;
      const sealed = await sealRow(session, draft, current, present, readers);
      await draft.commit();
      return sealed;
    });
  }

  async #fail(row: Row<'outbox'>, problem: string): Promise<void> {
    await this.#options.session.store.write([
      { table: 'outbox', key: this.#key(row.id), value: { ...row, problem } },
    ]);
    await this.#options.onChange();
  }

  #later(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.flush(), milliseconds);
  }
}
