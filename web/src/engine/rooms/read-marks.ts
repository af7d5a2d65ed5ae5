import type { ServerFrame } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { inBackground } from '../background.ts';
import { messageKey, type Row } from '../store/store.ts';
import { Turns } from '../turns.ts';
import type { Ephemerals, ReadMark } from './ephemerals.ts';
import { names } from './mentions.ts';
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
  /** The `seq` of the newest message that is shown; 0 for none. */
  readonly shown: () => number;
  readonly patch: (change: (row: Row<'rooms'>) => Row<'rooms'> | Promise<Row<'rooms'>>) => Promise<void>;
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
  /** When each took back what they had said. */
  readonly #withdrawn = new Map<string, number>();
  /** What the room has of us: up to where, and whether for all. */
  #said = { seq: 0, shared: false };
  /** Who is told has been chosen anew, which the room does not know yet. */
  #chosen = false;
  #wants: boolean;
  #connected = false;
  /** The `seq` of the newest message that was shown when the person had seen all. */
  #seen = 0;
  #telling: ReturnType<typeof setTimeout> | undefined;
  /** What is told later takes back what was told before. */
  readonly #told = new Turns();
  /** One after the other. */
  readonly #following = new Turns();
  readonly #unsubscribe: () => void;

  constructor(options: ReadMarksOptions) {
    this.#options = options;
    this.#wants = this.#wanted;
    options.ephemerals.followReading({
      take: (from, mark) => this.#take(from, mark),
      connected: () => {
        this.#connected = true;
        this.#recall();
        this.#tell();
      },
      lost: () => this.#rest(),
    });
    this.#unsubscribe = options.session.preferences.observable.subscribe(() => {
      if (this.#wants === this.#wanted) return;
      this.#wants = this.#wanted;
      this.#chosen = true;
      this.#tell();
      options.onChange();
    });
  }

  /** Up to which `seq` each of the others has read, of those who say so; nobody as long as this person doesn't. */
  get others(): ReadonlyMap<string, number> {
    return this.#wanted ? this.#others : new Map();
  }

  /** The person has seen all that is here. */
  read(): void {
    const { row, shown } = this.#options;
    // A message may be shown a moment before it is counted.
    const seen = shown();
    if (row().unread === 0 && seen <= Math.max(row().cursor, this.#seen)) return;
    this.#seen = seen;
    inBackground(
      this.#options
        .patch((now) => ({ ...now, unread: 0, mentioned: 0, readSeq: Math.max(now.readSeq, now.cursor) }))
        .then(() => this.#tell()),
      'marking a room as read',
    );
  }

  /** What the room has kept for us. Awaited before messages are taken in: what was read elsewhere is not new here. */
  async welcome(kept: Extract<ServerFrame, { t: 'welcome' }>['kept'] = []): Promise<void> {
    this.#said = { seq: 0, shared: false };
    // Who took it back meanwhile is not among them.
    this.#others.clear();
    for (const each of kept) await this.#options.ephemerals.take(each);
    await this.#following.idle();
    this.#options.onChange();
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
      inBackground(
        this.#following.run(() => this.#follow(mark)),
        'following what was read elsewhere',
      );
      return;
    }
    if (mark.at <= (this.#withdrawn.get(from) ?? 0)) return;
    const before = this.#others.get(from) ?? 0;
    if (mark.seq === undefined) {
      this.#withdrawn.set(from, mark.at);
      this.#others.delete(from);
    } else if (mark.seq > before) this.#others.set(from, mark.seq);
    else return;
    if (this.#wanted) onChange();
  }

  /** Another device of this account, or this one before, has read up to somewhere. */
  async #follow(mark: ReadMark): Promise<void> {
    const { session, room, row, patch } = this.#options;
    const seq = await session.keys.openPlace(room, mark.own).catch(() => 0);
    if (seq <= this.#said.seq) return;
    this.#said = { seq, shared: mark.seq !== undefined };
    if (seq <= row().readSeq) return;
    await patch(async (now) =>
      now.readSeq < seq ? { ...now, readSeq: seq, ...(await this.#unreadAfter(seq, now.since)) } : now,
    );
  }

  /** What is new after `seq` on a device that came at `since`, as `receive` counts it. */
  async #unreadAfter(seq: number, since = 0): Promise<{ unread: number; mentioned: number }> {
    const { session, room } = this.#options;
    const me = session.account.id;
    const first = messageKey(room, Math.max(seq, since) + 1);
    const later = await session.store.listFrom('messages', `${room}/`, first);
    const news = later
      .map(([, message]) => message)
      .filter(({ sender, content }) => sender !== me && summaryText(content) !== undefined);
    const naming = news.filter(({ content }) => names(content, me));
    return { unread: news.length, mentioned: naming.length };
  }

  /** Telling may have been switched off while the room could not hear of it: what it has says whether it did. */
  #recall(): void {
    const { row, patch } = this.#options;
    if (this.#wanted || !row().readTold) return;
    if (this.#said.shared) this.#chosen = true;
    else
      inBackground(
        patch((now) => ({ ...now, readTold: false })),
        'noting that nobody is told what was read',
      );
  }

  /**
   * Tells what the room does not have yet, at most once in a while. What another device of this person told, and to whom, stands
   * unless they have read on here, or have chosen here who is told.
   *
   * @param due whether it has waited for its moment
   */
  #tell(due = false): void {
    const { row, members } = this.#options;
    const seq = row().readSeq;
    const shared = this.#wanted && members() <= mostReaders;
    const news = seq > this.#said.seq || (this.#chosen && this.#said.seq > 0 && shared !== this.#said.shared);
    if (!this.#connected || !news || this.#telling !== undefined) return;
    const waits = members() > mostReaders && !due;
    this.#telling = setTimeout(
      () => {
        this.#telling = undefined;
        this.#tell(waits);
      },
      waits ? Math.random() * inLarge : again,
    );
    if (waits) return;
    const told = this.#told.run(() => this.#tellNow(Math.max(seq, this.#said.seq), shared));
    inBackground(told, 'telling how far somebody has read');
  }

  async #tellNow(seq: number, shared: boolean): Promise<void> {
    const { session, room, row, patch, ephemerals } = this.#options;
    const before = this.#said;
    // What is chosen from here on is told after this.
    this.#chosen = false;
    // Kept before anybody is told, so that it can be taken back.
    if (shared && !row().readTold) await patch((now) => ({ ...now, readTold: true }));
    const own = await session.keys.sealPlace(room, seq);
    const mark = { kind: 'read', at: Date.now(), own } as const;
    if (before.shared && !shared) ephemerals.unsayRead(mark);
    ephemerals.sayRead({ ...mark, ...(shared && { seq }) }, shared ? 'all' : 'own');
    this.#said = { seq, shared };
    if (this.#chosen) this.#tell();
  }
}
