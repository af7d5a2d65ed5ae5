import { type Accessor, createMemo, createSignal, onCleanup } from 'solid-js';
import type { Observable } from '../observable.ts';

/** The value of an engine's observable as a signal; follows `source` when that changes. */
export function useObservable<T>(source: Accessor<Observable<T>>): Accessor<T> {
  const inner = createMemo(() => {
    const observable = source();
    const [value, setValue] = createSignal(observable.get());
    onCleanup(observable.subscribe((next) => setValue(() => next)));
    return value;
  });
  return () => inner()();
}

/** One entry of a keyed list: it stays the same object while its value changes. */
export interface Keyed<T> {
  readonly key: string;
  readonly value: Accessor<T>;
}

/**
 * Gives each value of a list an identity by its key, so that `<For>` keeps the DOM of what is still there, moves what
 * moved and updates in place what changed. The values themselves are left alone: they belong to the engine.
 * `same` says when two values of one key look alike.
 */
export function keyed<T>(
  list: Accessor<readonly T[]>,
  key: (value: T) => string,
  same: (a: T, b: T) => boolean = Object.is,
): Accessor<readonly Keyed<T>[]> {
  type Cell = Keyed<T> & { set: (value: T) => void; turn: number };
  const cells = new Map<string, Cell>();
  const cellOf = (value: T): Cell => {
    const id = key(value);
    let cell = cells.get(id);
    if (cell) cell.set(value);
    else {
      const [get, set] = createSignal(value, { equals: same });
      cell = { key: id, value: get, set: (changed) => set(() => changed), turn: 0 };
      cells.set(id, cell);
    }
    return cell;
  };
  let turn = 0;
  /** The values of the last turn. */
  let before: readonly T[] = [];
  return createMemo<readonly Keyed<T>[]>((last) => {
    const previous = last as readonly Cell[];
    const values = list();
    const entries: Cell[] = [];
    turn++;
    // Of a long list that grows at either end most is what it was: found by its place, not by its key.
    const oldest = previous.length === before.length ? previous[0]?.key : undefined;
    const moved = oldest === undefined ? 0 : values.findIndex((value) => key(value) === oldest);
    values.forEach((value, i) => {
      const known = oldest !== undefined && before[i - moved] === value ? previous[i - moved] : undefined;
      const cell = known && known.turn !== turn ? known : cellOf(value);
      // One of two with one key.
      if (cell.turn !== turn) entries.push(cell);
      cell.turn = turn;
    });
    before = values;
    if (cells.size > entries.length) for (const [id, cell] of cells) if (cell.turn !== turn) cells.delete(id);
    const unmoved = entries.length === previous.length && entries.every((cell, i) => cell === previous[i]);
    return unmoved ? previous : entries;
  }, []);
}
