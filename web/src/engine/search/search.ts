import type { Locks } from '../store/locks.ts';
import type { Row, Store } from '../store/store.ts';
import type { Findings, FoundMessage } from '../types.ts';
import { RoomArchive } from './archive.ts';
import { fold, indexOfWord } from './fold.ts';
import { asks, parseQuery, type Query } from './query.ts';

/** A room as a search sees it. */
export interface SearchedRoom {
  readonly row: Row<'rooms'>;
  name(userId: string): string;
}

export interface SearchOptions {
  readonly store: () => Store;
  readonly locks: Locks;
  readonly me: string;
  readonly rooms: () => readonly SearchedRoom[];
}

/** Looks through all that this device can read, on this device: all of it is in memory as long as this is. */
export class Search {
  readonly #options: SearchOptions;
  readonly #archives = new Map<string, RoomArchive>();
  #following: Promise<void> = Promise.resolve();

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** The newest `limit` messages that `text` (`parseQuery`) asks for; none for an empty one. */
  async find(text: string, limit: number): Promise<Findings> {
    // One at a time: two would read the same rows.
    this.#following = this.#following.catch(() => {}).then(() => this.#follow());
    await this.#following;
    const query = parseQuery(text);
    const rooms = this.#options.rooms();
    const searched = rooms.filter(({ row }) => isIn(query, row.name));
    const messages: FoundMessage[] = [];
    let total = 0;
    for (const room of asks(query) ? searched : []) {
      const archive = this.#archives.get(room.row.id);
      if (!archive) continue;
      const found = archive.find(query, this.#authors(query, room, archive), limit);
      total += found.total;
      for (const { id, seq, at, sender, text: words, isFile } of found.lines)
        messages.push({
          ...{ roomId: room.row.id, roomName: room.row.name, id, seq, at, author: sender },
          ...{ authorName: room.name(sender), mine: sender === this.#options.me },
          ...{ kind: isFile ? 'file' : 'text', text: words },
        });
    }
    const sinces = searched.flatMap(({ row }) => this.#archives.get(row.id)?.since ?? []);
    return {
      messages: messages.sort((a, b) => b.at - a.at).slice(0, limit),
      total,
      words: query.words,
      searched: searched.reduce((sum, { row }) => sum + (this.#archives.get(row.id)?.size ?? 0), 0),
      ...(sinces.length > 0 && { since: sinces.reduce((a, b) => Math.min(a, b)) }),
      cut: searched
        .filter(({ row }) => row.before || row.missed !== undefined)
        .map(({ row: { id, name } }) => ({ id, name, ...since(this.#archives.get(id)) })),
    };
  }

  async #follow(): Promise<void> {
    const { store, locks, rooms } = this.#options;
    for (const { row } of rooms()) {
      const archive = this.#archives.get(row.id) ?? new RoomArchive({ store, locks, room: row.id });
      this.#archives.set(row.id, archive);
      await archive.follow(row);
    }
  }

  /** Whom `from:` means in a room; undefined for everybody. */
  #authors({ from }: Query, room: SearchedRoom, archive: RoomArchive): ReadonlySet<string> | undefined {
    if (from.length === 0) return undefined;
    const { me } = this.#options;
    const named = (id: string) => {
      const name = fold(room.name(id).normalize('NFC'));
      return from.some((each) => (each === 'me' ? id === me : indexOfWord(name, each) >= 0));
    };
    return new Set([...archive.senders].filter(named));
  }
}

const isIn = (query: Query, name: string): boolean => {
  const folded = fold(name.normalize('NFC'));
  return query.in.length === 0 || query.in.some((each) => folded.includes(each));
};

const since = (archive: RoomArchive | undefined) =>
  archive?.since === undefined ? {} : { since: archive.since };
