import {
  mostNamed,
  placeAt,
  playsTheSame,
  type Report,
  type Run,
  type Timeline,
} from '../../../../protocol/cowatch.ts';

/** Milliseconds that somebody is waited for who says nothing of this run; who says that they are loading is waited for. */
const silence = 4_000;
/** Milliseconds without a picture after which all wait. */
const stall = 1_000;
/** Milliseconds from the last "ready" to the start: at least so many, and two round trips. */
const soonest = 250;
/** Seconds that all go back at most to where a film stalled. */
const backAtMost = 3;

/** A watcher as the conductor sees it. */
export interface Player {
  readonly id: string;
  readonly report: Report;
}

/** What the leader does: makes runs of the state, so that all begin at one moment and nobody is lost. Pure: time is given. */
export class Conductor {
  run: Run;
  #timeline: Timeline;
  /** When gathering began. */
  #since: number;
  /** Who has been ready in this state, and since when they are not. */
  readonly #ready = new Map<string, number | undefined>();

  /** Goes on from a run that there is, or begins one; `now` is of the shared clock. */
  constructor(timeline: Timeline, now: number, run?: Run) {
    this.#timeline = timeline;
    this.#since = now;
    this.run = run?.rev === timeline.rev ? { ...run, seq: run.seq + 1 } : first(timeline, now);
  }

  /** Another state holds. */
  take(timeline: Timeline, now: number): void {
    const same = playsTheSame(this.#timeline, timeline);
    this.#timeline = timeline;
    if (same) this.run = { ...this.run, rev: timeline.rev, seq: 0 };
    else {
      this.run = first(timeline, now);
      this.#since = now;
      this.#ready.clear();
    }
  }

  /** Looks at everybody who is there; answers whether the run has changed. */
  look(players: readonly Player[], now: number): boolean {
    const before = this.run;
    const needed = players.filter(({ id }) => !this.#timeline.without.includes(id));
    if (before.phase === 'gather') this.#gather(needed, players, now);
    else if (before.phase === 'run' && now >= before.at) this.#watch(needed, now);
    return this.run !== before;
  }

  #gather(needed: readonly Player[], all: readonly Player[], now: number): void {
    const patience = now - this.#since < silence;
    const waiting = needed.filter(
      ({ report }) => !(this.#hears(report) ? report.ready : !patience || this.#isNew(report)),
    );
    const ids = waiting.slice(0, mostNamed).map(({ id }) => id);
    if (waiting.length > 0) {
      if (ids.join() !== this.run.waiting.join()) this.run = { ...this.run, waiting: ids };
      return;
    }
    const trip = Math.max(0, ...all.map(({ report }) => report.rtt));
    const at = now + Math.max(soonest, 2 * trip);
    this.run = { ...this.run, seq: this.run.seq + 1, phase: 'run', at, waiting: [] };
    for (const { id } of needed) this.#ready.set(id, undefined);
  }

  #watch(needed: readonly Player[], now: number): void {
    const stalled: Player[] = [];
    for (const player of needed) {
      const { id, report } = player;
      // Whoever comes late catches up alone, and belongs to it once they have.
      if (report.ready && this.#hears(report)) this.#ready.set(id, undefined);
      if (report.ready || !this.#ready.has(id)) continue;
      const since = this.#ready.get(id) ?? now;
      this.#ready.set(id, since);
      if (now - since > stall) stalled.push(player);
    }
    if (stalled.length === 0) return;
    const here = placeAt(this.run, this.#timeline.rate, now);
    const pos = Math.max(here - backAtMost, Math.min(here, ...stalled.map(({ report }) => report.pos)));
    const waiting = stalled.slice(0, mostNamed).map(({ id }) => id);
    this.#since = now;
    this.run = { ...this.run, seq: this.run.seq + 1, phase: 'gather', pos, at: now, waiting };
  }

  /** Whether they speak of this run. A change of who may do what makes no other one. */
  #hears({ rev, seq }: Report): boolean {
    return rev === this.run.rev && seq === this.run.seq;
  }

  /** Whether they have not heard of any run yet. */
  #isNew({ rev }: Report): boolean {
    return rev === 0;
  }
}

const first = ({ rev, paused, pos }: Timeline, now: number): Run => ({
  rev,
  seq: 0,
  phase: paused ? 'hold' : 'gather',
  pos,
  at: now,
  waiting: [],
});
