/**
 * Does work at once when it is asked for, and then, what is asked for until the event loop has come round again, in one
 * go: nothing waits in a quiet room, and a busy one commits and sends for many messages what it would for one.
 */
export class Turns {
  readonly #work: () => void;
  #asked = false;
  #busy = false;

  constructor(work: () => void) {
    this.#work = work;
  }

  /** There is something to do. */
  ask(): void {
    this.#asked = true;
    if (!this.#busy) this.#turn();
  }

  #turn(): void {
    this.#busy = this.#asked;
    if (!this.#busy) return;
    this.#asked = false;
    setTimeout(() => this.#turn(), 0);
    this.#work();
  }
}
