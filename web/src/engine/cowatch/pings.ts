/** How many pings come quickly, and the milliseconds between two: at first, for a while, and then. */
const quick = 10;
const quickEvery = 60;
const oftenEvery = 250;
const oftenFor = 15_000;
const seldomEvery = 1_000;
/** Milliseconds after which no answer is expected any more. */
const lostAfter = 5_000;

/** When to ask the leader for the time, and what was asked when. */
export class PingPlan {
  #count = 0;
  #first = 0;
  #last = Number.NEGATIVE_INFINITY;
  #id = 0;
  readonly #asked = new Map<number, number>();

  /** Another leader is asked from now on. */
  restart(): void {
    this.#count = 0;
    this.#last = Number.NEGATIVE_INFINITY;
    this.#asked.clear();
  }

  /** Whether the next one is due sooner than anything else. */
  get hurried(): boolean {
    return this.#count < quick;
  }

  /** The number of a ping that is to be sent now; undefined when none is due. */
  due(now: number): number | undefined {
    if (this.#count === 0) this.#first = now;
    const every = this.hurried ? quickEvery : now - this.#first < oftenFor ? oftenEvery : seldomEvery;
    if (now - this.#last < every) return undefined;
    this.#last = now;
    this.#count++;
    for (const [id, at] of this.#asked) if (now - at > lostAfter) this.#asked.delete(id);
    this.#asked.set(++this.#id, now);
    return this.#id;
  }

  /** When the ping with that number was sent; once, and not too long after. */
  answered(id: number): number | undefined {
    const at = this.#asked.get(id);
    this.#asked.delete(id);
    return at;
  }
}
