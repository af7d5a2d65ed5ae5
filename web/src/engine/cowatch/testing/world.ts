import type { Report, Said, Timeline } from '../../../../../protocol/cowatch.ts';
import { Follower, type Screen } from '../follower.ts';
import { WatchTogether } from '../watch.ts';

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Line {
  /** Milliseconds one way, and how much more or less at random. */
  readonly delay: number;
  readonly jitter: number;
  /** The part of frames that gets lost. */
  readonly loss: number;
}

/** A film in a player that takes its time, as browsers do. */
export class FakeScreen implements Screen {
  readonly duration = 3600;
  cause: Report['cause'];
  /** Milliseconds that it takes to begin, and to jump. */
  startTakes = 25;
  jumpTakes = 80;
  /** Not a picture comes, as long as it is so. */
  starved = false;
  /** Nothing is known of the film yet. */
  loaded = true;
  #place = 0;
  #at: number;
  #rate = 1;
  #playing = false;
  #movesAt = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
  }

  #flow(): void {
    const now = this.#now();
    const from = Math.max(this.#at, this.#movesAt);
    if (this.#playing && !this.starved && now > from) this.#place += ((now - from) / 1000) * this.#rate;
    this.#at = now;
  }

  get place(): number | undefined {
    this.#flow();
    return !this.loaded || (this.#now() < this.#movesAt && !this.#playing) ? undefined : this.#place;
  }

  /** Where it really is. */
  get truth(): number {
    this.#flow();
    return this.#place;
  }

  get paused(): boolean {
    return !this.#playing;
  }

  get ready(): boolean {
    return !this.starved && this.#now() >= this.#movesAt;
  }

  play(): void {
    this.#flow();
    this.#playing = true;
    this.#movesAt = Math.max(this.#movesAt, this.#now() + this.startTakes);
  }

  pause(): void {
    this.#flow();
    this.#playing = false;
  }

  seek(place: number): void {
    this.#flow();
    this.#place = place;
    this.#movesAt = this.#now() + this.jumpTakes;
  }

  speed(rate: number): void {
    this.#flow();
    this.#rate = rate;
  }

  starve(on: boolean): void {
    this.#flow();
    this.starved = on;
  }
}

export class Person {
  readonly watch: WatchTogether;
  readonly screen: FakeScreen;
  readonly follower: Follower;
  readonly watcher: string;
  readonly reactions: string[] = [];
  /** Why the others aren't ready, as a screen shows it that looks when it is told to. */
  causes: readonly Report['cause'][] = [];
  /** Changes or swallows what leaves. */
  leaving: (said: Said) => Said | undefined = (said) => said;
  /** The tab is gone, without a word. */
  gone = false;
  n = 0;

  readonly userId: string;
  readonly #world: World;
  /** How wrong this person's clock is, in milliseconds, and how much too fast it runs. */
  readonly #skew: number;
  readonly #drift: number;

  constructor(world: World, userId: string, skew: number, drift: number) {
    this.#world = world;
    this.userId = userId;
    this.#skew = skew;
    this.#drift = drift;
    this.watcher = `${userId}-${world.people.length}`.padEnd(43, 'x');
    const now = () => this.now;
    this.watch = new WatchTogether({
      me: { watcher: this.watcher, userId },
      now,
      say: (said) => world.send(this, said),
      sign: async (state, rules) => {
        const mark = { by: userId, watcher: this.watcher, proof: '', signature: `${rules?.n ?? 0}${userId}` };
        return { ...state, rules: rules ? { ...rules, mark } : state.rules!, mark } satisfies Timeline;
      },
      onReaction: (who, emoji) => this.reactions.push(`${who} ${emoji}`),
      onChange: () => {
        this.causes = this.watch.others.map(({ report }) => report.cause);
      },
    });
    this.screen = new FakeScreen(() => world.time);
    this.follower = new Follower({ watch: this.watch, screen: this.screen, now });
  }

  /** What this person's clock says. */
  get now(): number {
    return this.#world.time * (1 + this.#drift) + this.#skew;
  }
}

/** People who watch, in a time that goes on only when it is told to. */
export class World {
  time = 1_000_000;
  readonly people: Person[] = [];
  readonly random: () => number;
  readonly #line: Line;
  #due: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  constructor(line: Partial<Line> = {}, seed = 1) {
    this.#line = { delay: 40, jitter: 15, loss: 0, ...line };
    this.random = randomOf(seed);
  }

  /** Somebody comes; the first begins the watch with `begin`. */
  come(userId: string): Person {
    const skew = Math.round((this.random() - 0.5) * 20_000);
    const person = new Person(
      this,
      userId,
      this.people.length === 0 ? 0 : skew,
      (this.random() - 0.5) * 1e-4,
    );
    this.people.push(person);
    const tick = () => {
      if (!person.gone) this.after(person.watch.tick(), tick);
    };
    const step = () => {
      if (!person.gone) this.after(person.follower.step(), step);
    };
    tick();
    step();
    return person;
  }

  after(milliseconds: number, run: () => void): void {
    if (milliseconds < Number.POSITIVE_INFINITY)
      this.#due.push({ at: this.time + milliseconds, order: this.#order++, run });
  }

  send(from: Person, said: Said): void {
    if (from.gone) return;
    const left = from.leaving(said);
    const n = ++from.n;
    if (!left) return;
    for (const to of this.people) {
      if (to === from || this.random() < this.#line.loss) continue;
      const delay = this.#line.delay + (this.random() * 2 - 1) * this.#line.jitter;
      const speaker = { watcher: from.watcher, userId: from.userId, n };
      this.after(delay, () => to.gone || to.watch.hear(speaker, structuredClone(left)));
    }
  }

  /** Lets so many milliseconds go by. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    for (;;) {
      this.#due.sort((one, other) => one.at - other.at || one.order - other.order);
      const next = this.#due[0];
      if (!next || next.at > end) break;
      this.#due.shift();
      this.time = Math.max(this.time, next.at);
      next.run();
      // Signing takes a turn, and no time.
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    }
    this.time = end;
  }

  /** Lets time go by until something is so; throws when that takes too long. */
  async until(what: () => boolean, within = 10_000): Promise<number> {
    const began = this.time;
    while (!what()) {
      if (this.time - began > within) throw new Error('it does not happen');
      await this.pass(10);
    }
    return this.time - began;
  }

  /** How far the films of those who are here are apart, in seconds. */
  get apart(): number {
    const places = this.people.filter(({ gone }) => !gone).map(({ screen }) => screen.truth);
    return Math.max(...places) - Math.min(...places);
  }

  get allPlay(): boolean {
    return this.people.every(
      ({ gone, screen, watch }) => gone || (!screen.paused && watch.goal?.phase === 'run'),
    );
  }
}
