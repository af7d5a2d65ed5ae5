import type { Observable } from '../observable.ts';
import type { Ephemerals } from './ephemerals.ts';
import { Lasting } from './lasting.ts';

/** Who goes on writing says so again after so many milliseconds. */
const again = 3_000;
/** So many milliseconds after somebody said it last they count as writing no more: it outlasts one notice that gets lost. */
const lasting = 7_000;

/** Who is writing at this moment. */
export class Typing {
  readonly #ephemerals: Ephemerals;
  readonly #hasOthers: () => boolean;
  readonly #others = new Lasting(lasting);
  /** When the others were last told that this person writes; undefined where they think that nobody does. */
  #told: number | undefined;

  /** @param hasOthers whether there is anybody who could hear of it */
  constructor(ephemerals: Ephemerals, me: string, hasOthers: () => boolean) {
    this.#ephemerals = ephemerals;
    this.#hasOthers = hasOthers;
    ephemerals.follow('typing', {
      take: (from, on) => {
        if (from !== me) this.#others.set(from, on);
      },
      // What was begun before there was a connection.
      connected: () => {
        if (this.#told !== undefined && Date.now() - this.#told < lasting) ephemerals.say('typing', true);
      },
      lost: () => {
        this.#told = undefined;
        this.#others.clear();
      },
    });
  }

  /** The others who are writing, in the order of their beginning. */
  get who(): Observable<readonly string[]> {
    return this.#others.who;
  }

  /** The person has changed what they are writing, or (`false`) writes no more. Costs nothing while they are alone. */
  write(on: boolean): void {
    const now = Date.now();
    const fresh = this.#told !== undefined && Math.abs(now - this.#told) < again;
    if (on ? fresh || !this.#hasOthers() : this.#told === undefined) return;
    this.#told = on ? now : undefined;
    this.#ephemerals.say('typing', on);
  }
}
