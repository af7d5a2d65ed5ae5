import { isContent } from '../../../../protocol/content.ts';
import type { ServerFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { inBackground } from '../background.ts';
import { messageKey, type Row } from '../store/store.ts';
import type { Ephemerals, ReadMark } from './ephemerals.ts';
import { summaryText } from './timeline.ts';

/** Who reads on says so again after so many milliseconds at the earliest. */
const again = 2_000;
/** In a room of more members nobody tells the others: each mark goes to everybody, so their number grows with the square. */
export const mostReaders = 50;
/** There people tell their own devices within so many milliseconds, each at another moment: a message that all read is no storm. */
const inLarge = 30_000;

export interface ReadMarksOptions {
  readonly session: Session;
  readonly room: string;
  readonly ephemerals: Ephemerals;
  /** How many members the room has. */
  readonly members: () => number;
  /** The stored room, as last read. */
  readonly row: () => Row<'rooms'>;
  readonly patch: (change: (row: Row<'rooms'>) => Row<'rooms'>) => Promise<void>;
  /** Somebody has read on. */
  readonly onChange: () => void;
}

/**
 * How far people have read. Each says it for all, unless they have switched that off, and then they are not told of others' either; for
 * their own other devices they say it in any case. The room keeps everybody's last one, sealed, for who was away.
 */
export class ReadMarks {
  readonly #options: ReadMarksOptions;
  readonly #others = new Map<string, number>();
  /** What the room has of us: up to where, and whether for all. */
  #said = { seq: 0, shared: false };
  #connected = false;
  #telling: ReturnType<typeof setTimeout> | undefined;
  /** One after the other. */
  #following = Promise.resolve();
  readonly #unsubscribe: () => void;

  constructor(options: ReadMarksOptions) {
    this.#options = options;
    options.ephemerals.followReading({
      take: (from, mark) => this.#take(from, mark),
      connected: () => {
        this.#connected = true;
        this.#tell();
      },
      lost: () => this.#rest(),
    });
    this.#unsubscribe = options.session.preferences.observable.subscribe(() => {
      this.#tell(true);
      options.onChange();
    });
  }

  /** Up to which `seq` each of the others has read, of those who say so; nobody as long as this person doesn't. */
  get others(): ReadonlyMap<string, number> {
    return this.#wanted ? this.#others : new Map();
  }

  /** The person has seen all that is here. */
  read(): void {
    if (this.#options.row().unread === 0) return;
    inBackground(
      this.#options
        .patch((row) => ({ ...row, unread: 0, mentioned: 0, readSeq: Math.max(row.readSeq, row.cursor) }))
        .then(() => this.#tell()),
      'marking a room as read',
    );
  }

  /** What the room has kept for us. Awaited before messages are taken in: what was read elsewhere is not new here. */
  async welcome(kept: Extract<ServerFrame, { t: 'welcome' }>['kept'] = []): Promise<void> {
    this.#said = { seq: 0, shared: false };
    for (const each of kept) await this.#options.ephemerals.take(each);
    await this.#following;
  }

  close(): void {
    this.#rest();
    this.#unsubscribe();
  }

  get #wanted(): boolean {
    return this.#options.session.preferences.now.reads;
  }

  #rest(): void {
    this.#connected = false;
    clearTimeout(this.#telling);
    this.#telling = undefined;
  }

  #take(from: string, mark: ReadMark): void {
    const { session, onChange } = this.#options;
    if (from === session.account.id) {
      this.#following = this.#following.then(() => this.#follow(mark));
      inBackground(this.#following, 'following what was read elsewhere');
      return;
    }
    const before = this.#others.get(from) ?? 0;
    if (mark.seq === undefined ? before === 0 : mark.seq <= before) return;
    if (mark.seq === undefined) this.#others.delete(from);
    else this.#others.set(from, mark.seq);
    if (this.#wanted) onChange();
  }

  /** Another device of this account, or this one before, has read up to somewhere. */
  async #follow(mark: ReadMark): Promise<void> {
    const { session, room, row, patch } = this.#options;
    const seq = await session.keys.openPlace(room, mark.own).catch(() => 0);
    if (seq <= this.#said.seq) return;
    this.#said = { seq, shared: mark.seq !== undefined };
    if (seq <= row().readSeq) return;
    const left = await this.#unreadAfter(seq);
    await patch((now) => ({ ...now, ...(now.readSeq < seq && { readSeq: seq, ...left }) }));
  }

  /** What is new after `seq`, as `receive` counts it. */
  async #unreadAfter(seq: number): Promise<{ unread: number; mentioned: number }> {
    const { session, room } = this.#options;
    const me = session.account.id;
    const later = await session.store.listFrom('messages', `${room}/`, messageKey(room, seq + 1));
    const news = later
      .map(([, message]) => message)
      .filter(({ sender, content }) => sender !== me && summaryText(content) !== undefined);
    const naming = news.filter(({ content }) => isContent(content, 'text') && content.mentions?.includes(me));
    return { unread: news.length, mentioned: naming.length };
  }

  /**
   * Tells what the room does not have yet, at most once in a while.
   *
   * @param chosen whether the person may have chosen anew who is told: what another device of theirs told stands otherwise
   * @param due whether it has waited for its moment
   */
  #tell(chosen = false, due = false): void {
    const { row, members } = this.#options;
    const seq = row().readSeq;
    const shared = this.#wanted && members() <= mostReaders;
    const news = seq > this.#said.seq || (chosen && this.#said.seq > 0 && shared !== this.#said.shared);
    if (!this.#connected || !news || this.#telling !== undefined) return;
    const waits = members() > mostReaders && !due;
    this.#telling = setTimeout(
      () => {
        this.#telling = undefined;
        this.#tell(true, waits);
      },
      waits ? Math.random() * inLarge : again,
    );
    if (waits) return;
    inBackground(this.#tellNow(Math.max(seq, this.#said.seq), shared), 'telling how far somebody has read');
  }

  async #tellNow(seq: number, shared: boolean): Promise<void> {
    const { session, room, ephemerals } = this.#options;
    const before = this.#said;
    this.#said = { seq, shared };
    const own = await session.keys.sealPlace(room, seq);
    if (before.shared && !shared) ephemerals.unsayRead({ kind: 'read', own });
    ephemerals.sayRead({ kind: 'read', own, ...(shared && { seq }) }, shared ? 'all' : 'own');
  }
}
