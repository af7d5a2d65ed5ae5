/** How many exchanges are kept, and the part of them, by round trip, that is believed. */
const kept = 40;
const best = 0.5;
/** The part of the usual extra time of a round trip that even the quickest one is taken to have had. */
const doubt = 0.3;
/** Exchanges needed before the clock counts. */
const enough = 5;
/** Milliseconds that exchanges must span before a drift is read from them; the most that it can be, and what is usual. */
const longEnough = 15_000;
const steepest = 0.0005;
const usual = 0.00003;

interface Exchange {
  /** The middle of it, by this page's clock. */
  readonly at: number;
  readonly offset: number;
  readonly rtt: number;
}

interface Estimate {
  readonly at: number;
  readonly offset: number;
  /** Milliseconds a millisecond. */
  readonly slope: number;
}

/**
 * The clock that all watchers share: the leader's, as this page can know it by asking (NTP's exchange, RFC 5905 section 8). What a
 * route takes longer one way than the other can't be told from an offset: half of the difference stays.
 */
export class SharedClock {
  #exchanges: Exchange[] = [];
  #estimate: Estimate | undefined;
  /** Round trip to the leader, in milliseconds: of the exchanges that are believed. */
  rtt = 0;

  /** Whether shared time is known. */
  get known(): boolean {
    return this.#estimate !== undefined;
  }

  /** Shared time, where this page's clock says `local`; the same before it is known. */
  at(local: number): number {
    const estimate = this.#estimate;
    return estimate ? local + estimate.offset + estimate.slope * (local - estimate.at) : local;
  }

  /** This page's clock at `shared`. */
  localAt(shared: number): number {
    return shared - (this.at(shared) - shared);
  }

  /** This page's own clock is the shared one, from now on, going on from what it took that for. */
  lead(local: number): void {
    this.#estimate = { at: local, offset: this.at(local) - local, slope: this.#estimate?.slope ?? 0 };
    this.#exchanges = [];
    this.rtt = 0;
  }

  /** Another leader is asked from now on; until it has answered often enough, what was known holds. */
  follow(): void {
    this.#exchanges = [];
  }

  /** Takes an exchange: asked and answered by this page's clock, got and sent by the leader's. */
  add(asked: number, got: number, sent: number, answered: number): void {
    const rtt = answered - asked - (sent - got);
    if (rtt < 0) return;
    const offset = (got - asked + (sent - answered)) / 2;
    this.#exchanges.push({ at: (asked + answered) / 2, offset, rtt });
    if (this.#exchanges.length > kept) this.#exchanges.shift();
    if (this.#exchanges.length >= enough) this.#judge(answered);
  }

  #judge(local: number): void {
    // Of two that took as long the later one is worth more.
    const byTrip = this.#exchanges.toReversed().sort((one, other) => one.rtt - other.rtt);
    const quick = byTrip.slice(0, Math.max(3, Math.ceil(byTrip.length * best)));
    this.rtt = middle(quick.map(({ rtt }) => rtt));
    const shortest = quick[0]!.rtt;
    const extra = doubt * (this.rtt - shortest) + 0.1;
    const slope = slopeOf(quick);
    // What each of them says that the offset is now. It can be wrong by half of what its trip took longer than it must have.
    const told = quick.map(({ at, offset, rtt }) => ({
      offset: offset + slope * (local - at),
      weight: 1 / (rtt - shortest + extra) ** 2,
    }));
    const centre = middle(told.map(({ offset }) => offset));
    const spread = middle(told.map(({ offset }) => Math.abs(offset - centre)));
    const believed = told.filter(({ offset }) => Math.abs(offset - centre) <= 3 * spread + 0.5);
    const weights = believed.reduce((sum, { weight }) => sum + weight, 0);
    const offset = believed.reduce((sum, each) => sum + each.weight * each.offset, 0) / weights;
    this.#estimate = { at: local, offset, slope };
  }
}

/** Least squares, where the exchanges span long enough to tell; drawn towards none the more, the less they agree on it (ridge). */
function slopeOf(exchanges: readonly Exchange[]): number {
  const times = exchanges.map(({ at }) => at);
  if (Math.max(...times) - Math.min(...times) < longEnough) return 0;
  const [at, offset] = [mean(times), mean(exchanges.map((each) => each.offset))];
  let [up, down, all] = [0, 0, 0];
  for (const each of exchanges) {
    up += (each.at - at) * (each.offset - offset);
    down += (each.at - at) ** 2;
    all += (each.offset - offset) ** 2;
  }
  const noise = (all - up ** 2 / down) / exchanges.length;
  return Math.min(steepest, Math.max(-steepest, up / (down + noise / usual ** 2)));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The middle of `values`; NaN of none. */
export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
