import type { Report, Said } from '../../../../protocol/cowatch.ts';
import type { Speaker } from './watch.ts';

/** Milliseconds without a word after which somebody is not here any more. */
const goneAfter = 4_500;

/** Somebody who watches. */
export interface Other {
  readonly watcher: string;
  readonly userId: string;
  readonly since: number;
  readonly report: Report;
  readonly heardAt: number;
  /** The number of the frame that said so. */
  readonly n: number;
}

/** The others who watch, by what they say of themselves. Times are of this page's clock. */
export class Audience {
  readonly #began: number;
  readonly #others = new Map<string, Other>();
  /** When people of whom nobody is here any more were last. */
  readonly #left = new Map<string, number>();

  constructor(now: number) {
    this.#began = now;
  }

  /** In the order of their coming. */
  get others(): readonly Other[] {
    return [...this.#others.values()].toSorted(
      (one, other) => one.since - other.since || (one.watcher < other.watcher ? -1 : 1),
    );
  }

  /** Takes somebody's word; answers what is new about it: undefined where a later one came before it. */
  heard(
    { watcher, userId, n }: Speaker,
    { since, report }: Extract<Said, { t: 'here' }>,
    now: number,
  ): 'came' | 'changed' | 'same' | undefined {
    const before = this.#others.get(watcher);
    if (before && n < before.n) return undefined;
    this.#others.set(watcher, { watcher, userId, since, report, heardAt: now, n });
    this.#left.delete(userId);
    if (!before) return 'came';
    const same = before.report.ready === report.ready && before.report.cause === report.cause;
    return same ? 'same' : 'changed';
  }

  /** Somebody is gone; answers whether they were here. */
  gone(watcher: string, now: number): boolean {
    const other = this.#others.get(watcher);
    if (!other) return false;
    this.#others.delete(watcher);
    if (!this.#isHere(other.userId)) this.#left.set(other.userId, now);
    return true;
  }

  /** Who has said nothing for too long. */
  silent(now: number): readonly string[] {
    return this.others.filter(({ heardAt }) => now - heardAt > goneAfter).map(({ watcher }) => watcher);
  }

  /** For how many milliseconds none of a person's pages has been here. */
  absence(userId: string, now: number): number {
    return this.#isHere(userId) ? 0 : now - (this.#left.get(userId) ?? this.#began);
  }

  #isHere(userId: string): boolean {
    return this.others.some((other) => other.userId === userId);
  }
}
