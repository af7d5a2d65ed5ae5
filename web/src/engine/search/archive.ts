import type { Locks } from '../store/locks.ts';
import { stretchKey, stretchSize } from '../store/messages.ts';
import { messageKey, type Row, type Store } from '../store/store.ts';
import { fold, indexOfWord } from './fold.ts';
import type { Query } from './query.ts';
import { type Gathered, gather } from './stretches.ts';

/** Something said, as a search finds it. */
export interface Line {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly sender: string;
  readonly isFile: boolean;
  /** Its present words, in NFC; of a file its name, where its message tells it. */
  readonly text: string;
  readonly folded: string;
}

export interface ArchiveOptions {
  readonly store: () => Store;
  readonly locks: Locks;
  readonly room: string;
}

const link = /https?:\/\//;

/**
 * All that this device can read of a room, in memory while somebody searches. Reading 100 000 rows that are sealed one by one takes
 * seconds; so what does not change any more is kept gathered in stretches, sealed as well.
 */
export class RoomArchive {
  readonly #options: ArchiveOptions;
  /** In the log's order; of what was deleted there is nothing. */
  #lines: (Line | undefined)[] = [];
  readonly #places = new Map<string, number>();
  #read = 0;
  #repairs = 0;

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  /** How many messages can be found. */
  get size(): number {
    return this.#places.size;
  }

  /** When the first of them was said. */
  get since(): number | undefined {
    return this.#lines.find((line) => line !== undefined)?.at;
  }

  get senders(): ReadonlySet<string> {
    return new Set(this.#lines.flatMap((line) => line?.sender ?? []));
  }

  /** Reads what is new since, up to the room's cursor; all of it again where messages between have opened after all. */
  async follow({ cursor, repairs = 0 }: Pick<Row<'rooms'>, 'cursor' | 'repairs'>): Promise<void> {
    if (repairs !== this.#repairs) this.#forget();
    this.#repairs = repairs;
    if (this.#read >= cursor) return;
    const { store, room } = this.#options;
    const kept = this.#read > 0 ? undefined : new Map(await store().list('stretches', `${room}/`));
    while (this.#read < cursor) {
      const end = (Math.floor(this.#read / stretchSize) + 1) * stretchSize;
      const said =
        end > cursor
          ? await this.#between(this.#read + 1, cursor)
          : (kept?.get(stretchKey(room, end))?.said ?? (await this.#stretch(end)));
      for (const each of said) if (each.seq > this.#read) this.#take(each);
      this.#read = Math.min(end, cursor);
    }
  }

  /** The newest `limit` lines that `query` asks for, newest first, and how many there are. `from`: whose; undefined for everybody's. */
  find(query: Query, from: ReadonlySet<string> | undefined, limit: number): { lines: Line[]; total: number } {
    const { words, has, before = Number.POSITIVE_INFINITY, after = Number.NEGATIVE_INFINITY } = query;
    const lines: Line[] = [];
    let total = 0;
    for (let i = this.#lines.length - 1; i >= 0; i--) {
      const line = this.#lines[i];
      if (!line || line.at >= before || line.at < after) continue;
      if (from && !from.has(line.sender)) continue;
      if (!words.every((word) => indexOfWord(line.folded, word) >= 0)) continue;
      if (!has.every((what) => (what === 'file' ? line.isFile : link.test(line.folded)))) continue;
      total++;
      if (lines.length < limit) lines.push(line);
    }
    return { lines, total };
  }

  #take({ id, seq, at, sender, kind, target, text = '' }: Gathered): void {
    if (kind === 'text' || kind === 'file') {
      this.#places.set(id, this.#lines.length);
      this.#lines.push({ id, seq, at, sender, isFile: kind === 'file', ...folded(text) });
      return;
    }
    const place = this.#places.get(target ?? '');
    const before = place === undefined ? undefined : this.#lines[place];
    // As everywhere (`rooms/changes.ts`): only its author changes or deletes a message.
    if (place === undefined || before?.sender !== sender) return;
    if (kind === 'edit' && !before.isFile) this.#lines[place] = { ...before, ...folded(text) };
    if (kind !== 'delete') return;
    this.#lines[place] = undefined;
    this.#places.delete(before.id);
  }

  /** The stretch up to `end`, gathered and kept. Whoever changes a message meanwhile waits, or it would be kept as it was. */
  #stretch(end: number): Promise<readonly Gathered[]> {
    const { store, locks, room } = this.#options;
    return locks.run('crypto', async () => {
      const said = await this.#between(end - stretchSize + 1, end);
      await store().write([{ table: 'stretches', key: stretchKey(room, end), value: { said } }], 'relaxed');
      return said;
    });
  }

  async #between(first: number, last: number): Promise<Gathered[]> {
    const { store, room } = this.#options;
    const rows = await store().listBetween('messages', messageKey(room, first), messageKey(room, last));
    return rows.flatMap(([, row]) => gather(row) ?? []);
  }

  #forget(): void {
    this.#lines = [];
    this.#places.clear();
    this.#read = 0;
  }
}

function folded(text: string): Pick<Line, 'text' | 'folded'> {
  const words = text.normalize('NFC');
  const small = fold(words);
  // One string in memory where they are the same.
  return { text: words, folded: small === words ? words : small };
}
