import { middle } from './clock.ts';

/** How many errors the median is of. */
const window = 5;
/** Seconds: smaller errors are left alone; one that is made up for is until it is this small; larger ones are jumped over. */
const deadBand = 0.005;
const closeEnough = 0.001;
const jumpsAbove = 0.5;
/** The part of an error that is made up for in a second, and the most by which the speed differs for it. */
const gain = 0.8;
const most = 0.12;
/** Errors after a start or a jump by which its latency is learned, and how fast. */
const lessons = 3;
const learning = 0.5;
/** The longest that a start and a jump are believed to take, in seconds. */
const longestStart = 0.25;
const longestJump = 3;

/** What to do with the film. */
export interface Correction {
  /** Times the speed that everybody has. */
  readonly rate: number;
  /** Seconds ahead of where it should be now that it is to jump to: what the jump itself will take. */
  readonly jump?: number;
}

/** Keeps a film at its place: a little faster or slower, or a jump where it is far off. Called ten times a second. */
export class Servo {
  /** Seconds that the element takes to begin, and to jump; learned from what they lead to. */
  startLatency = 0.021;
  jumpLatency = 0.1;
  #errors: number[] = [];
  #lesson: 'start' | 'jump' | undefined;
  #correcting = false;

  /** The film was told to play. */
  started(): void {
    this.#errors = [];
    this.#lesson = 'start';
  }

  /** It was told to jump, by whomever: its own time is no error, so what was seen before is forgotten. */
  jumped(): void {
    this.#errors = [];
  }

  /** It stands. */
  rest(): void {
    this.#errors = [];
    this.#lesson = undefined;
    this.#correcting = false;
  }

  /** The film is `error` seconds behind (ahead: negative); `rate` is the speed that everybody has. */
  step(error: number, rate: number): Correction {
    this.#errors.push(error);
    if (this.#errors.length > window) this.#errors.shift();
    // A single reading may be of a moment when the element was busy.
    if (this.#errors.length < lessons) return { rate: 1 };
    const behind = middle(this.#errors);
    this.#learn(behind / rate);
    if (Math.abs(behind) > jumpsAbove) {
      this.#errors = [];
      this.#lesson = 'jump';
      return { rate: 1, jump: this.jumpLatency * rate };
    }
    // All the way, once begun: else two films that are each left alone at the edge are twice that apart.
    this.#correcting = Math.abs(behind) >= (this.#correcting ? closeEnough : deadBand);
    if (!this.#correcting) return { rate: 1 };
    const faster = Math.min(most, Math.max(-most, (gain * behind) / rate));
    // Steps of a tenth of a per cent: each change costs the decoder of the sound something.
    return { rate: 1 + Math.round(faster * 1000) / 1000 };
  }

  #learn(seconds: number): void {
    // Who starts far from the place has not been late in starting.
    if (this.#lesson === 'start' && Math.abs(seconds) < longestStart)
      this.startLatency = limit(this.startLatency + learning * seconds, longestStart);
    if (this.#lesson === 'jump') this.jumpLatency = limit(this.jumpLatency + learning * seconds, longestJump);
    this.#lesson = undefined;
  }
}

const limit = (value: number, highest: number): number => Math.min(highest, Math.max(0, value));
