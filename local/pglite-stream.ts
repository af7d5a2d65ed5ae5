// Lets node-postgres talk to an in-process PGlite as if it were a server: same types, errors and transactions for both.
import { Duplex } from 'node:stream';
import type { PGlite } from '@electric-sql/pglite';
import { protocol } from '@electric-sql/pglite';

/** A startup message alone has no type byte: it begins with its length, less than 2^24. */
const STARTUP = 0;
const TERMINATE = 'X'.charCodeAt(0);

/**
 * The socket that `pg` believes it has connected. Give it as `stream` to a `pg.Pool` with `max: 1`: PGlite is a single
 * backend, so two of these at once would share one session.
 */
export class PGliteStream extends Duplex {
  #database: PGlite;
  #queue: Uint8Array[] = [];
  #scheduled = false;

  constructor(database: PGlite) {
    super();
    this.#database = database;
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {}

  /** `pg` writes whole protocol messages, so chunks need no reassembly; those of one turn are executed together. */
  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    // The database has no session of its own to end: Terminate only closes this stream.
    if (chunk[0] !== TERMINATE) {
      this.#queue.push(chunk);
      if (!this.#scheduled) {
        this.#scheduled = true;
        queueMicrotask(() => void this.#drain());
      }
    }
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.push(null);
    done();
  }

  async #drain(): Promise<void> {
    const message = Buffer.concat(this.#queue);
    this.#queue = [];
    this.#scheduled = false;
    try {
      await this.#database.runExclusive(async () => {
        if (message[0] === STARTUP) await this.#forgetPreviousClient();
        await this.#database.execProtocolRawStream(message, {
          onRawData: (data) => this.push(Buffer.from(data)),
        });
      });
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The one session outlives its clients: what a dropped one left open or prepared must not reach the next. */
  async #forgetPreviousClient(): Promise<void> {
    if (this.#database.isInTransaction()) await this.#run('ROLLBACK');
    await this.#run('DISCARD ALL');
  }

  #run(statement: string): Promise<void> {
    return this.#database.execProtocolRawStream(protocol.serialize.query(statement), { onRawData: () => {} });
  }
}
