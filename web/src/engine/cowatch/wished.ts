import type { Timeline } from '../../../../protocol/cowatch.ts';

/** Milliseconds for which a state counts that the leader does not take up. */
export const unheededFor = 1_500;
/** Milliseconds between two tries to be heard with a new state. */
const againEvery = 300;

/** Makes a change anew where another came first that leaves room for it: answers false where it does not. */
export type Again = (instead: Timeline) => false | Promise<boolean>;

/** A state of one's own that the leader has not taken up yet: said until they have, and made anew where another came first. */
export class Wished {
  #mine: { readonly state: Timeline; readonly again: Again; readonly since: number } | undefined;
  #saidAt = 0;

  /** It was said just now. */
  put(state: Timeline, again: Again, now: number): void {
    this.#mine = { state, again, since: now };
    this.#saidAt = now;
  }

  /** The leader's state is this. */
  heed(tl: Timeline): void {
    const mine = this.#mine;
    if (!mine || tl.rev < mine.state.rev) return;
    this.#mine = undefined;
    if (tl.mark.signature !== mine.state.mark.signature) void mine.again(tl);
  }

  /** What is to be said once more; to be called when it would be. Nothing where we lead, or after a while. */
  due(now: number, leads: boolean): Timeline | undefined {
    if (!this.#mine || now - this.#saidAt < againEvery) return undefined;
    if (leads || now - this.#mine.since > unheededFor) this.#mine = undefined;
    this.#saidAt = now;
    return this.#mine?.state;
  }
}
