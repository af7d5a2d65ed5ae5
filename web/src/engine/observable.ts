/** A value that can be watched: the one thing that the engine and the screens share. */
export interface Observable<T> {
  get(): T;
  /** Calls `listener` at each change (not at once); answers how to stop. */
  subscribe(listener: (value: T) => void): () => void;
}

/** An observable that its owner can set. Equal values (`Object.is`) tell nobody. */
export class Subject<T> implements Observable<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** Whether anybody listens. */
  get observed(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Resolves with the first value that `accept` takes, the present one included. */
export function until<T, S extends T>(
  observable: Observable<T>,
  accept: (value: T) => value is S,
): Promise<S>;
export function until<T>(observable: Observable<T>, accept: (value: T) => boolean): Promise<T>;
export function until<T>(observable: Observable<T>, accept: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    if (accept(observable.get())) return resolve(observable.get());
    const stop = observable.subscribe((value) => {
      if (!accept(value)) return;
      stop();
      resolve(value);
    });
  });
}
