import { openPassing, pad, sealPassing, unpad } from '../../../../crypto/room/index.ts';
import { fromBase64, fromUtf8, utf8 } from '../../../../protocol/bytes.ts';
import { Passing } from '../../../../protocol/content.ts';
import type { ClientFrame, ServerFrame } from '../../../../protocol/socket.ts';
import { inBackground } from '../background.ts';
import { Subject } from '../observable.ts';

/** Who goes on writing says so again after so many milliseconds. */
const again = 3_000;
/** So many milliseconds after somebody said it last they count as writing no more: it outlasts one notice that gets lost. */
const lasting = 7_000;

export interface TypingOptions {
  readonly me: string;
  /** The room secret, base64url. */
  readonly secret: string;
  /** Whether there is anybody who could hear of it. */
  readonly hasOthers: () => boolean;
  readonly isMember: (userId: string) => boolean;
  /** Sends a frame, or nothing without a connection: nobody waits for these. */
  readonly transmit: (frame: ClientFrame) => void;
}

/**
 * Who is writing at this moment. Notices are sealed under a key of the room secret and passed on by the room without being kept. Whoever
 * ever was a member has that secret: together with the service they could make one up, which shows a name for seconds and does no more.
 */
export class Typing {
  /** The others who are writing, in the order of their beginning. */
  readonly who = new Subject<readonly string[]>([]);
  readonly #options: TypingOptions;
  /** When the others were last told that this person writes; undefined where they think that nobody does. */
  #told: number | undefined;
  #at = 0;
  readonly #heard = new Map<string, number>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** One after the other: a "no more" must not overtake what it ends. */
  #queue = Promise.resolve();

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  /** The person has changed what they are writing, or (`false`) writes no more. Costs nothing while they are alone. */
  write(on: boolean): void {
    const now = Date.now();
    const fresh = this.#told !== undefined && Math.abs(now - this.#told) < again;
    if (on ? fresh || !this.#options.hasOthers() : this.#told === undefined) return;
    this.#told = on ? now : undefined;
    this.#at = Math.max(now, this.#at + 1);
    this.#inTurn(() => this.#send({ kind: 'typing', on, at: this.#at }), 'telling that somebody writes');
  }

  /** What somebody else's device said. Never rejects. */
  take({ from, box }: Extract<ServerFrame, { t: 'ephemeral' }>): void {
    if (from === this.#options.me || !this.#options.isMember(from)) return;
    this.#inTurn(async () => {
      const passing = await this.#open(from, box);
      // What was said before the last that we heard is a repetition, by whomever.
      if (!passing || passing.at <= (this.#heard.get(from) ?? 0)) return;
      this.#heard.set(from, passing.at);
      this.#show(from, passing.on);
    }, 'reading that somebody writes');
  }

  /** They have said it, or are not here any more. */
  #show(userId: string, on: boolean): void {
    clearTimeout(this.#timers.get(userId));
    this.#timers.delete(userId);
    if (on)
      this.#timers.set(
        userId,
        setTimeout(() => this.#show(userId, false), lasting),
      );
    const who = this.who.get();
    if (on !== who.includes(userId))
      this.who.set(on ? [...who, userId] : who.filter((other) => other !== userId));
  }

  /** Without a connection nobody is heard. */
  clear(): void {
    this.#told = undefined;
    for (const userId of [...this.#timers.keys()]) this.#show(userId, false);
  }

  async #send(passing: Passing): Promise<void> {
    const { secret, me, transmit } = this.#options;
    const box = await sealPassing(fromBase64(secret), me, pad(utf8(JSON.stringify(passing))));
    transmit({ t: 'ephemeral', box });
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

  #inTurn(task: () => Promise<void>, what: string): void {
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => {});
    inBackground(done, what);
  }
}
