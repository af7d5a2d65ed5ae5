import { m } from '../../language/index.ts';
import { inBackground } from '../background.ts';
import { Refresher } from '../refresher.ts';
import type { Locks } from '../store/locks.ts';
import { expiryKey, stretchKey } from '../store/messages.ts';
import { messageKey, type Row, type Store } from '../store/store.ts';

export interface ExpiryOptions {
  readonly store: () => Store;
  readonly locks: Locks;
  /** Messages of a room are gone. */
  readonly onErased: (room: string, erased: readonly Row<'messages'>[]) => void;
}

/** The longest that a timer can wait. */
const longest = 2 ** 31 - 1;

/** Erases messages when their time is over; those whose time passed while nothing ran, at once. */
export class Expiry {
  readonly #options: ExpiryOptions;
  readonly #sweeping = new Refresher(() => this.#sweep());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  /** There may be something new that disappears. */
  look(): void {
    if (!this.#closed) inBackground(this.#sweeping.run(), 'erasing what disappears');
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sweeping.idle();
  }

  async #sweep(): Promise<void> {
    const { store, locks } = this.#options;
    clearTimeout(this.#timer);
    const next = await store().firstKey('expiries');
    if (next === undefined || this.#closed) return;
    const wait = Number(next.slice(0, next.indexOf('/'))) - Date.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.look(), Math.min(wait, longest));
      return;
    }
    await locks.run('crypto', () => this.#erase(Date.now()));
    this.look();
  }

  /** All whose time is over, with what was gathered of them. The caller holds the lock `crypto`. */
  async #erase(now: number): Promise<void> {
    const due = await this.#options.store().listBetween('expiries', '', expiryKey(now, '\uffff', 0));
    const erased = new Map<string, Row<'messages'>[]>();
    const writes: Parameters<Store['write']>[0][number][] = [];
    for (const [key, { room, seq }] of due) {
      const message = await this.#options.store().get('messages', messageKey(room, seq));
      if (message) erased.set(room, [...(erased.get(room) ?? []), message]);
      writes.push(
        { table: 'expiries', key, value: undefined },
        { table: 'messages', key: messageKey(room, seq), value: undefined },
        { table: 'stretches', key: stretchKey(room, seq), value: undefined },
      );
    }
    for (const [room, messages] of erased) {
      const row = await this.#options.store().get('rooms', room);
      if (row) writes.push({ table: 'rooms', key: room, value: without(row, messages) });
    }
    await this.#options.store().write(writes);
    for (const [room, messages] of erased) this.#options.onErased(room, messages);
  }
}

/** The room as it is without them: tabs read its messages again. */
function without(row: Row<'rooms'>, messages: readonly Row<'messages'>[]): Row<'rooms'> {
  const gone = new Set(messages.map(({ id }) => id));
  return {
    ...row,
    repairs: (row.repairs ?? 0) + 1,
    ...(row.last?.id !== undefined &&
      gone.has(row.last.id) && { last: { ...row.last, text: m.engine_disappeared() } }),
    ...(row.pins && { pins: row.pins.filter(({ id }) => !gone.has(id)) }),
  };
}
