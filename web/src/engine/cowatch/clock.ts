/** How many exchanges are kept, and the part of them, by round trip, that is believed. */
const kept = 40;
const best = 0.25;
/** The part that a drift is read from: it takes exchanges from all over the time. */
const decent = 0.5;
/** Exchanges needed before the clock counts. */
const enough = 5;
/** Milliseconds that exchanges must span before a drift is read from them, and the most that it can be. */
const longEnough = 15_000;
const steepest = 0.0005;

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
    const slope = slopeOf(byTrip.slice(0, Math.ceil(byTrip.length * decent)));
    const quick = byTrip.slice(0, Math.max(3, Math.ceil(byTrip.length * best)));
    this.rtt = middle(quick.map(({ rtt }) => rtt));
    // What each of them says that the offset is now.
    const offsets = quick.map(({ at, offset }) => offset + slope * (local - at));
    const centre = middle(offsets);
    const spread = middle(offsets.map((offset) => Math.abs(offset - centre)));
    const believed = offsets.filter((offset) => Math.abs(offset - centre) <= 3 * spread + 0.5);
    this.#estimate = { at: local, offset: mean(believed), slope };
  }
}

/** Least squares, where the exchanges span long enough to tell. */
function slopeOf(exchanges: readonly Exchange[]): number {
  const times = exchanges.map(({ at }) => at);
  if (Math.max(...times) - Math.min(...times) < longEnough) return 0;
  const [at, offset] = [mean(times), mean(exchanges.map((each) => each.offset))];
  let [up, down] = [0, 0];
  for (const each of exchanges) {
    up += (each.at - at) * (each.offset - offset);
    down += (each.at - at) ** 2;
  }
  return Math.min(steepest, Math.max(-steepest, up / down));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The middle of `values`; NaN of none. */
export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
