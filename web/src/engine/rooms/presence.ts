import type { Observable } from '../observable.ts';
import type { Ephemerals } from './ephemerals.ts';
import { Lasting } from './lasting.ts';

/** Who stays says so again after so many milliseconds. */
const again = 20_000;
/** So many milliseconds after somebody said it last they count as gone: it outlasts one notice that gets lost. */
const lasting = 50_000;
/** Those who answer a newcomer make newcomers answer: once for all that come within so many milliseconds. */
const gathering = 300;
/** In a room of more members nobody says it: each notice goes to everybody, so their number grows with the square. */
const mostMembers = 30;

/**
 * Who has the room in front of them at this moment. Said by whoever looks, while they look; nobody is asked, and the
 * service can't tell it from anything else that passes.
 */
export class Presence {
  readonly #ephemerals: Ephemerals;
  readonly #members: () => number;
  readonly #others = new Lasting(lasting);
  #looking = false;
  #saying: ReturnType<typeof setInterval> | undefined;
  #answering: ReturnType<typeof setTimeout> | undefined;

  /** @param members how many the room has */
  constructor(ephemerals: Ephemerals, me: string, members: () => number) {
    this.#ephemerals = ephemerals;
    this.#members = members;
    ephemerals.follow('presence', {
      take: (from, on) => this.#take(from, on, from === me),
      connected: () => this.#say(),
      lost: () => {
        this.#silence();
        this.#others.clear();
      },
    });
  }

  /** The others who are here, in the order of their coming. */
  get who(): Observable<readonly string[]> {
    return this.#others.who;
  }

  /** The person has the room in front of them, or has turned away. */
  look(on: boolean): void {
    if (this.#looking === on) return;
    this.#looking = on;
    if (on) this.#say();
    else this.#silence();
    if (!on && this.#worthIt) this.#ephemerals.say('presence', false);
  }

  #take(from: string, on: boolean, own: boolean): void {
    // Who has just come knows of nobody, and another window of one's own spoke for that window alone.
    if (own ? !on : on && !this.#others.has(from))
      this.#answering ??= setTimeout(() => this.#answer(), gathering);
    if (!own) this.#others.set(from, on);
  }

  get #worthIt(): boolean {
    const members = this.#members();
    return members > 1 && members <= mostMembers;
  }

  #say(): void {
    if (!this.#looking) return;
    if (this.#worthIt) this.#ephemerals.say('presence', true);
    this.#saying ??= setInterval(() => this.#say(), again);
  }

  #answer(): void {
    this.#answering = undefined;
    this.#say();
  }

  #silence(): void {
    clearTimeout(this.#answering);
    this.#answering = undefined;
    clearInterval(this.#saying);
    this.#saying = undefined;
  }
}
