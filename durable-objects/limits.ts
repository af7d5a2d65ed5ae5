/** What one frame costs whatever is in it, in characters; a larger one costs more, as it does everybody who gets it. */
const smallFrame = 8 * 1024;

/** What a frame to one device counts: key distribution comes in bursts of one per device. */
const toDeviceCost = 0.1;

/** What a frame or message counts against a rate. */
export const messageCost = (message: {
  readonly box: string;
  readonly recipient?: string | undefined;
}): number =>
  (message.recipient === undefined ? 1 : toDeviceCost) * Math.max(1, message.box.length / smallFrame);

/** A token bucket: `rate` a second, up to `burst` at once. */
export class Bucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes `cost` when there is that much; says whether there was. */
  take(cost: number, now: number): boolean {
    // A clock that jumps back gives nothing, and takes nothing away.
    const passed = Math.max(0, now - this.#at) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#rate);
    this.#at = now;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
