import { placeAt, type Report } from '../../../../protocol/cowatch.ts';
import { Servo } from './servo.ts';
import type { WatchTogether } from './watch.ts';

/** Seconds from its place that a film that stands may be: less than half of a picture. */
const exact = 0.015;
/** Milliseconds between two looks at a film that plays, and at one that stands. */
const playingEvery = 100;
const standingEvery = 50;

/** A film on a screen. Places are in seconds, as of now. */
export interface Screen {
  /** Undefined while it is not known: it is on its way there. */
  readonly place: number | undefined;
  readonly duration: number;
  readonly paused: boolean;
  /** It could play on, or is at its end. */
  readonly ready: boolean;
  readonly cause: Report['cause'];
  play(): void;
  pause(): void;
  seek(place: number): void;
  /** How fast it plays. */
  speed(rate: number): void;
}

export interface FollowerOptions {
  readonly watch: Pick<WatchTogether, 'goal' | 'clock' | 'reports'>;
  readonly screen: Screen;
  /** This page's clock, as the watch has it. */
  readonly now: () => number;
}

/** Makes a screen do what a watch wants: stand at a place until all are ready, begin at a moment, and stay in step. */
export class Follower {
  /** Whether the film is kept in step. Without it, one still plays, stops and jumps with everybody. */
  correcting = true;
  /** Seconds by which this screen is ahead of the others on purpose: a sound system that is late, say. */
  offset = 0;
  /** Seconds that the film is behind (ahead: negative), as last seen while it played. */
  error: number | undefined;
  readonly servo = new Servo();
  readonly #options: FollowerOptions;
  /** The stand that the film was brought to, so that a film that can't be there is not told again and again. */
  #stood = '';
  /** The start that was kept. */
  #begun = '';

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Does what is due; answers in how many milliseconds something will be again. */
  step(): number {
    const { watch, screen, now } = this.#options;
    const goal = watch.goal;
    if (!goal) {
      if (!screen.paused) screen.pause();
      return standingEvery;
    }
    const moment = watch.clock.at(now());
    const wait = goal.phase === 'run' ? goal.at - this.servo.startLatency * 1000 - moment : Infinity;
    const key = `${goal.phase} ${goal.pos} ${goal.at}`;
    if (wait > 0 && goal.phase !== 'run') this.#stand(goal.pos, goal.rate, key);
    if (goal.phase === 'run' && (wait <= 0 || screen.paused === false)) this.#run(goal, moment, key);
    this.#tell();
    return Math.max(1, Math.min(screen.paused ? standingEvery : playingEvery, wait > 0 ? wait : Infinity));
  }

  #stand(place: number, rate: number, key: string): void {
    const { screen } = this.#options;
    if (!screen.paused) screen.pause();
    screen.speed(rate);
    this.servo.rest();
    this.error = undefined;
    const target = this.#within(place + this.offset);
    if (this.#stood === key) return;
    this.#stood = key;
    if (screen.place === undefined || Math.abs(screen.place - target) > exact) screen.seek(target);
  }

  #run(goal: NonNullable<WatchTogether['goal']>, moment: number, key: string): void {
    const { screen } = this.#options;
    const end = screen.duration;
    const target = this.#within(placeAt(goal, goal.rate, moment) + this.offset);
    this.#stood = '';
    if (this.#begun !== key) {
      this.#begun = key;
      this.servo.rest();
      screen.speed(goal.rate);
      // Whoever comes late begins where the others are.
      const place = screen.place;
      if (place !== undefined && Math.abs(place - target) > 0.5)
        this.#jump(target + this.servo.jumpLatency * goal.rate);
      if (screen.paused && target < end) this.#play();
      return;
    }
    if (target >= end) {
      // Whoever comes after the end sees the end.
      if (screen.place !== undefined && end - screen.place > 1) this.#jump(end);
      return;
    }
    if (screen.paused) this.#play();
    if (screen.ready && screen.place !== undefined) this.#correct(target, screen.place, goal.rate);
    // What a jump takes, or a stall, is no error.
    else this.servo.jumped();
  }

  #correct(target: number, place: number, everybodys: number): void {
    const { screen } = this.#options;
    this.error = target - place;
    if (!this.correcting) {
      screen.speed(everybodys);
      return;
    }
    const { rate, jump } = this.servo.step(this.error, everybodys);
    screen.speed(everybodys * rate);
    if (jump !== undefined) this.#jump(target + jump);
  }

  #play(): void {
    this.servo.started();
    this.#options.screen.play();
  }

  #jump(place: number): void {
    this.#options.screen.seek(this.#within(place));
  }

  #within(place: number): number {
    return Math.max(0, Math.min(place, this.#options.screen.duration));
  }

  #tell(): void {
    const { watch, screen } = this.#options;
    const { ready, cause } = screen;
    watch.reports({
      ready,
      pos: Math.max(0, (screen.place ?? watch.goal?.pos ?? 0) - this.offset),
      ...(cause && !ready && { cause }),
    });
  }
}
