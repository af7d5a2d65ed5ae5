/** Runs tasks one after the other, in the order in which they are given. One that fails is told to who waits for it, and hinders none after it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when all that was given so far has ended. */
  idle(): Promise<void> {
    return this.run(async () => undefined);
  }
}
