import type { Message } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import type { Row } from '../store/store.ts';
import type { RosterLog } from './roster.ts';

const pageSize = 200;
/** How far people's clocks and the server's may be apart. */
const clockSlack = 3_600_000;

export interface HistoryOptions {
  readonly session: Session;
  readonly log: RosterLog;
  /** Takes messages that follow the cursor. */
  readonly receive: (items: readonly Message[]) => Promise<void>;
  /** Changes the stored room. */
  readonly patch: (change: (row: Row<'rooms'>) => Row<'rooms'>) => Promise<void>;
}

/** What was said in a room while this device was away, or before it came: read by REST, page by page. */
export class History {
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Reads from the cursor to `from`, where the room's object takes over; on a new device, from when the person came. */
  async catchUp(from: number): Promise<void> {
    const { session, log, receive } = this.#options;
    const cursor = (await session.store.get('rooms', log.room))?.cursor ?? 0;
    const start = cursor === 0 ? await this.#arrival(from) : cursor;
    if (start >= from) return;
    await this.#read(start, async (items) => {
      await receive(items);
      return (items.at(-1)?.seq ?? 0) < from;
    });
  }

  /**
   * Asks for keys that other devices of the account may have backed up since, and opens with them what it can; and with those that
   * came to this device since.
   */
  async repair(): Promise<void> {
    const { session, log, patch } = this.#options;
    const { missed, learned: came } = (await session.store.get('rooms', log.room)) ?? {};
    if (missed === undefined) return;
    const { learned, forged } = await session.keys.learnBackups(log.room);
    if (forged) await patch((row) => ({ ...row, forged }));
    if (learned === 0 && came === undefined) return;
    let still: number | undefined;
    /** Up to where it has tried. */
    let tried = missed - 1;
    await this.#read(tried, async (items) => {
      const { cursor = 0 } = (await session.store.get('rooms', log.room)) ?? {};
      const first = await session.keys.reopen(log.room, items);
      still ??= first;
      tried = Math.max(tried, Math.min(cursor, items.at(-1)?.seq ?? 0));
      return true;
    });
    await patch(({ missed: _, lastMissed = 0, learned: last, ...row }) => {
      // What came meanwhile has not been tried.
      const left = still ?? (lastMissed > tried ? tried + 1 : undefined);
      return {
        ...row,
        ...(last !== came && { learned: last }),
        repairs: (row.repairs ?? 0) + 1,
        ...(left && { missed: left, lastMissed }),
      };
    });
  }

  /** Reads forward after `seq` until there is no more, or `take` has had enough. */
  async #read(seq: number, take: (items: readonly Message[]) => Promise<boolean>): Promise<void> {
    const { session, log } = this.#options;
    for (let after = seq; ; ) {
      const { items, next } = await session.api('listMessages', {
        params: { id: log.room },
        query: { after, limit: pageSize },
      });
      const last = items.at(-1)?.seq ?? 0;
      if (!(await take(items)) || next === null || last <= after) return;
      after = last;
    }
  }

  /** A `seq` before `end` and before all that was said since the person first came: found by halving. */
  async #arrival(end: number): Promise<number> {
    const { session, log } = this.#options;
    const me = session.account.id;
    const came = log.history.find(({ kind, by }) => by === me && (kind === 'created' || kind === 'joined'));
    if (came?.kind !== 'joined') return 0;
    let [low, high] = [0, end];
    while (high - low > pageSize) {
      const after = Math.floor((low + high) / 2);
      const { items } = await session.api('listMessages', {
        params: { id: log.room },
        query: { after, limit: 1 },
      });
      const [first] = items;
      if (!first || first.seq >= high || first.at >= came.at - clockSlack) high = after;
      else low = first.seq;
    }
    return low;
  }
}
