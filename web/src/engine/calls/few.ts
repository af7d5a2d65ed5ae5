import { meshSize } from '../../../../protocol/call.ts';

/** With so few, a call that the SFU carries goes back to direct ways: fewer than a mesh carries, so that one who comes and goes moves nobody. */
const meshAgain = 3;
/** How long few must be few before the SFU is given up, in milliseconds. */
const fewFor = 30_000;

/**
 * Says when direct ways would do for a call that goes by the SFU: those in it are few, and have been for a while; or the SFU can't be
 * reached, and they are no more than a mesh carries. Says it again for as long as that is so.
 */
export class Few {
  readonly #onFew: () => void;
  #others: number | undefined;
  #away = false;
  #waiting: ReturnType<typeof setInterval> | undefined;

  constructor(onFew: () => void) {
    this.#onFew = onFew;
  }

  /** So many others are in the call; undefined while it doesn't go by the SFU. */
  count(others: number | undefined): void {
    const isNews = others !== this.#others;
    this.#others = others;
    if (others !== undefined && others < meshAgain) this.#waiting ??= setInterval(this.#onFew, fewFor);
    else this.close();
    // The room's answer to our own asking names the same ones again.
    if (isNews) this.#look();
  }

  /** The SFU can't be reached: to be called at each attempt. With false, it can again. */
  away(is: boolean): void {
    this.#away = is;
    this.#look();
  }

  close(): void {
    clearInterval(this.#waiting);
    this.#waiting = undefined;
  }

  #look(): void {
    if (this.#away && this.#others !== undefined && this.#others < meshSize) this.#onFew();
  }
}
