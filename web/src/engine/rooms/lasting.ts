import { type Observable, Subject } from '../observable.ts';

/** People of whom something holds for so many milliseconds after it was said last. */
export class Lasting {
  readonly #who = new Subject<readonly string[]>([]);
  readonly #milliseconds: number;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Their ids, in the order of their beginning. */
  get who(): Observable<readonly string[]> {
    return this.#who;
  }

  has(userId: string): boolean {
    return this.#timers.has(userId);
  }

  /** It holds of them from now on, or not any more. */
  set(userId: string, on: boolean): void {
    const before = this.has(userId);
    clearTimeout(this.#timers.get(userId));
    this.#timers.delete(userId);
    if (on)
      this.#timers.set(
        userId,
        setTimeout(() => this.set(userId, false), this.#milliseconds),
      );
    if (on === before) return;
    const who = this.#who.get();
    this.#who.set(on ? [...who, userId] : who.filter((other) => other !== userId));
  }

  /** It holds of nobody. */
  clear(): void {
    for (const userId of [...this.#timers.keys()]) this.set(userId, false);
  }
}
