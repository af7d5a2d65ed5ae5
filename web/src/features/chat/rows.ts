import type { TimelineItem } from '../../engine/types.ts';

/** One line of the timeline, with what its neighbours mean for it. */
export interface Row {
  readonly key: string;
  /** Undefined for the words at the very beginning. */
  readonly item?: TimelineItem;
  /** It is the first of its day. */
  readonly newDay: boolean;
  /** The first that was not there when the room was last read. */
  readonly firstNew: boolean;
  /** First and last of a run by one author. */
  readonly first: boolean;
  readonly last: boolean;
}

/** Milliseconds after which the same author starts a new run. */
const pause = 5 * 60_000;

/** The longest day, where clocks are put back in it. */
const longestDay = 25 * 3_600_000;
const sameDay = (a: number, b: number): boolean =>
  Math.abs(a - b) < longestDay && new Date(a).getDate() === new Date(b).getDate();
const isSpoken = (item: TimelineItem): boolean => item.kind !== 'notice';

function follows(item: TimelineItem, before: TimelineItem | undefined): boolean {
  if (!before || !isSpoken(item) || !isSpoken(before)) return false;
  return before.author === item.author && item.at - before.at < pause && sameDay(item.at, before.at);
}

/** Rows of a timeline, and what they were made of. */
export interface Rows {
  readonly timeline: readonly TimelineItem[];
  readonly begins: boolean;
  readonly newFrom: string | undefined;
  readonly rows: readonly Row[];
}

const beginning: Row = { key: 'beginning', newDay: false, firstNew: false, first: true, last: true };

/**
 * Rows for `timeline`; `begins`: nothing older exists. `newFrom` is the id of the first unread item. Where neither an item nor its
 * neighbours have changed since `before`, its row is the same object: a page that comes above a hundred thousand costs little.
 */
export function rowsOf(
  timeline: readonly TimelineItem[],
  begins: boolean,
  newFrom: string | undefined,
  before?: Rows,
): Rows {
  const old = before?.newFrom === newFrom ? before : undefined;
  const oldest = old?.timeline[0]?.id;
  const moved = Math.max(0, oldest === undefined ? 0 : timeline.findIndex(({ id }) => id === oldest));
  const rows = timeline.map((item, i) => {
    const at = i - moved;
    const isSame =
      old?.timeline[at] === item &&
      old.timeline[at - 1] === timeline[i - 1] &&
      old.timeline[at + 1] === timeline[i + 1];
    return isSame ? old.rows[at + Number(old.begins)]! : rowOf(timeline, i, newFrom);
  });
  return { timeline, begins, newFrom, rows: begins ? [beginning, ...rows] : rows };
}

function rowOf(timeline: readonly TimelineItem[], i: number, newFrom: string | undefined): Row {
  const [before, item, after] = [timeline[i - 1], timeline[i]!, timeline[i + 1]];
  const goesOn = (one: TimelineItem, last: TimelineItem | undefined) =>
    one.id !== newFrom && follows(one, last);
  return {
    key: item.id,
    item,
    newDay: !before || !sameDay(before.at, item.at),
    firstNew: item.id === newFrom,
    first: !goesOn(item, before),
    last: !after || !goesOn(after, item),
  };
}

/** The id of the oldest of the last `unread` messages of others. */
export function firstUnread(timeline: readonly TimelineItem[], unread: number): string | undefined {
  let left = unread;
  let found: string | undefined;
  for (let i = timeline.length - 1; i >= 0 && left > 0; i--) {
    const item = timeline[i];
    if (!item || item.mine || !isSpoken(item)) continue;
    found = item.id;
    left--;
  }
  return found;
}

/** What the engine makes anew each time, and is short: compared by what it says. */
const byValue: ReadonlySet<string> = new Set(['reactions', 'replyTo', 'mentions', 'readBy']);

/** Whether two rows of one key look the same; the engine makes new objects at every change. */
export function sameRow(a: Row, b: Row): boolean {
  if (a === b) return true;
  if (a.newDay !== b.newDay || a.firstNew !== b.firstNew || a.first !== b.first || a.last !== b.last)
    return false;
  if (!a.item || !b.item || a.item === b.item) return a.item === b.item;
  const [x, y] = [Object.entries(a.item), new Map(Object.entries(b.item))];
  const same = (name: string, value: unknown) =>
    Object.is(value, y.get(name)) ||
    (byValue.has(name) && JSON.stringify(value) === JSON.stringify(y.get(name)));
  return x.length === y.size && x.every(([name, value]) => same(name, value));
}
