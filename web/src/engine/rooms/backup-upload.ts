import type { Session } from '../account/session.ts';
import { mayPass, ProblemError } from '../api.ts';
import { inBackground } from '../background.ts';
import type { Row } from '../store/store.ts';

const batch = 100;
/** New chains come in bursts: one for each friend that writes. */
const gatherFor = 300;
const retryAfter = 30_000;

/** Brings sealed chains from the store to the server, behind whatever else goes on. They wait out reloads and lost lines. */
export class BackupUpload {
  readonly #session: Session;
  /** Rooms that took no more: we have left them, or they are full. Asked again when they are opened again. */
  readonly #refused = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** There may be something to bring: soon. */
  soon(): void {
    this.#after(gatherFor);
  }

  /** A room was opened: what it refused before, it may take now. */
  opened(room: string): void {
    this.#refused.delete(room);
    this.soon();
  }

  /** Brings what there is now. Throws EngineError when the service cannot be reached. */
  now(): Promise<void> {
    this.#running ??= this.#session.locks
      .run('backups', () => this.#upload())
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  /** Stops; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => {});
  }

  #after(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      inBackground(this.#attempt(), 'backing up keys');
    }, milliseconds);
  }

  async #attempt(): Promise<void> {
    try {
      await this.now();
    } catch (error) {
      if (!mayPass(error)) throw error;
      this.#after(retryAfter);
    }
  }

  async #upload(): Promise<void> {
    const rooms = Map.groupBy(await this.#waiting(), ({ chatroomId }) => chatroomId);
    for (const [room, entries] of rooms)
      for (let i = 0; i < entries.length && !this.#closed; i += batch)
        if (!(await this.#put(room, entries.slice(i, i + batch)))) break;
  }

  async #waiting(): Promise<Row<'backups'>[]> {
    const rows = await this.#session.store.list('backups');
    return rows.map(([, row]) => row).filter(({ chatroomId }) => !this.#refused.has(chatroomId));
  }

  /** Whether the room takes more. */
  async #put(room: string, entries: Row<'backups'>[]): Promise<boolean> {
    try {
      await this.#session.api('putBackup', { body: { entries } });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const full = error.is('backup-full');
      if (!full && !error.is('not-a-member')) throw error;
      this.#refused.add(room);
      if (full) console.warn(`no more keys of the room ${room} are backed up`);
      return false;
    }
    await this.#session.store.write(
      entries.map(({ id }) => ({ table: 'backups', key: id, value: undefined }) as const),
    );
    return true;
  }
}
