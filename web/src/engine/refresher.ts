/**
 * Runs `task` again whenever asked to, never twice at once: who asks while it runs gets the next run, and shares it with all
 * others who asked meanwhile. A run that fails is told to those who wait for it, and hinders no later one.
 */
export class Refresher {
  readonly #task: () => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  /** Resolves when a run that began after this call has ended. */
  run(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#task();
    });
    const run = this.#next;
    this.#last = run.catch(() => {});
    return run;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
