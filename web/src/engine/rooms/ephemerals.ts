import { openPassing, pad, sealPassing, unpad } from '../../../../crypto/room/index.ts';
import { fromBase64, fromUtf8, utf8 } from '../../../../protocol/bytes.ts';
import { Passing } from '../../../../protocol/content.ts';
import type { ClientFrame, ServerFrame } from '../../../../protocol/socket.ts';
import { inBackground } from '../background.ts';
import { Turns } from '../turns.ts';

export interface EphemeralsOptions {
  readonly me: string;
  /** The room secret, base64url. */
  readonly secret: string;
  readonly isMember: (userId: string) => boolean;
  /** Whether this person wants to say and to see what is of this kind. */
  readonly wanted: (kind: Momentary['kind']) => boolean;
  /** Sends a frame, or nothing without a connection: nobody waits for these. */
  readonly transmit: (frame: ClientFrame) => void;
}

/** What holds for seconds, unless it is said again. */
type Momentary = Extract<Passing, { on: boolean }>;
/** How far somebody has read. */
export type ReadMark = Extract<Passing, { kind: 'read' }>;

/** Who follows one kind of them; `What` is what they are told of it. */
export interface EphemeralListener<What = boolean> {
  /** A member's device said it; it may be another one of this person's own. */
  readonly take: (from: string, what: What) => void;
  /** From now on the room hears us, as if for the first time. */
  readonly connected?: () => void;
  /** Without a connection nobody is heard. */
  readonly lost: () => void;
}

/**
 * What is no part of the log: sealed under a key of the room secret and passed on by the room. Whoever ever was a member has that
 * secret: together with the service they could make one up, which shows a name for seconds, or as having read, and does no more.
 */
export class Ephemerals {
  readonly #options: EphemeralsOptions;
  readonly #listeners = new Map<Momentary['kind'], EphemeralListener>();
  #reading: EphemeralListener<ReadMark> | undefined;
  /** The `at` of the last that each person said, of each kind. */
  readonly #heard = new Map<string, number>();
  /** The kinds that the others think are so. */
  readonly #said = new Set<Momentary['kind']>();
  #at = 0;
  /** One after the other: a "no more" must not overtake what it ends. */
  readonly #turns = new Turns();

  constructor(options: EphemeralsOptions) {
    this.#options = options;
  }

  /** From now on `listener` has what is said of `kind`. */
  follow(kind: Momentary['kind'], listener: EphemeralListener): void {
    this.#listeners.set(kind, listener);
  }

  /** From now on `listener` has how far people have read. */
  followReading(listener: EphemeralListener<ReadMark>): void {
    this.#reading = listener;
  }

  /** Tells whoever is connected now. Of a kind that this person doesn't want to say nothing is said but the end of what was said before. */
  say(kind: Momentary['kind'], begun: boolean): void {
    const on = begun && this.#options.wanted(kind);
    if (!on && !this.#said.has(kind)) return;
    if (on) this.#said.add(kind);
    else this.#said.delete(kind);
    this.#at = Math.max(Date.now(), this.#at + 1);
    this.#pass({ kind, on, at: this.#at }, (box) => ({ t: 'ephemeral', box }));
  }

  /** Tells how far this person has read, and leaves it for who connects later: for all members, or for their own devices alone. */
  sayRead(mark: ReadMark, audience: 'all' | 'own'): void {
    this.#pass(mark, (box) => ({ t: 'keep', for: audience, box }));
  }

  /** Takes back from all who are connected how far this person has read. */
  unsayRead(mark: ReadMark): void {
    this.#pass(mark, (box) => ({ t: 'ephemeral', box }));
  }

  #pass(passing: Passing, frame: (box: string) => ClientFrame): void {
    void this.#inTurn(async () => {
      const { secret, me, transmit } = this.#options;
      transmit(frame(await sealPassing(fromBase64(secret), me, pad(utf8(JSON.stringify(passing))))));
    }, 'saying something for a moment');
  }

  /** What a device said. Never rejects. */
  async take({ from, box }: Pick<Extract<ServerFrame, { t: 'ephemeral' }>, 'from' | 'box'>): Promise<void> {
    if (!this.#options.isMember(from)) return;
    await this.#inTurn(async () => {
      const passing = await this.#open(from, box);
      if (!passing) return;
      if (passing.kind === 'read') return this.#reading?.take(from, passing);
      // What was said before the last that we heard is a repetition, by whomever.
      const key = `${passing.kind} ${from}`;
      if (passing.at <= (this.#heard.get(key) ?? 0)) return;
      this.#heard.set(key, passing.at);
      this.#listeners.get(passing.kind)?.take(from, passing.on && this.#options.wanted(passing.kind));
    }, 'hearing something for a moment');
  }

  connected(): void {
    for (const listener of this.#listeners.values()) listener.connected?.();
    this.#reading?.connected?.();
  }

  lost(): void {
    this.#said.clear();
    for (const listener of this.#listeners.values()) listener.lost();
    this.#reading?.lost();
  }

  /** Undefined for what is not sealed by a member, or of a newer version. */
  async #open(from: string, box: string): Promise<Passing | undefined> {
    try {
      const text = await openPassing(fromBase64(this.#options.secret), from, box);
      return Passing.safeParse(JSON.parse(fromUtf8(unpad(text)))).data;
    } catch {
      return undefined;
    }
  }

  #inTurn(task: () => Promise<void>, what: string): Promise<void> {
    const done = this.#turns.run(task);
    inBackground(done, what);
    return done.catch(() => undefined);
  }
}
