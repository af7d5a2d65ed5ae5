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
  let turn = 0;
  return createMemo<readonly Keyed<T>[]>((previous) => {
    const entries: Cell[] = [];
    turn++;
    for (const value of list()) {
      const id = key(value);
      let cell = cells.get(id);
      if (cell) cell.set(value);
      else {
        const [get, set] = createSignal(value, { equals: same });
        cell = { key: id, value: get, set: (changed) => set(() => changed), turn: 0 };
        cells.set(id, cell);
      }
      // One of two with one key.
      if (cell.turn !== turn) entries.push(cell);
      cell.turn = turn;
    }
    if (cells.size > entries.length) for (const [id, cell] of cells) if (cell.turn !== turn) cells.delete(id);
    const unmoved = entries.length === previous.length && entries.every((cell, i) => cell === previous[i]);
    return unmoved ? previous : entries;
  }, []);
}
