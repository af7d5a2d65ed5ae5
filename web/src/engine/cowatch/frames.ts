import {
  createWatcher,
  isFrameGenuine,
  isMarkGenuine,
  isVouchedFor,
  makeMark,
  openWatch,
  sealWatch,
  signFrame,
  type Watcher,
} from '../../../../crypto/room/watch.ts';
import { fromBase64, fromUtf8, utf8 } from '../../../../protocol/bytes.ts';
import {
  type Mark,
  rulesSigned,
  Said,
  type Timeline,
  timelineSigned,
  WatchFrame,
} from '../../../../protocol/cowatch.ts';
import type { NewRules, Speaker, Unsigned } from './watch.ts';

/** How far behind the newest frame of a watcher one may come that is new, as it took the slower way. */
const window = 256;

export interface FramesOptions {
  readonly room: string;
  /** The room secret, base64url. */
  readonly secret: string;
  readonly me: string;
  /** The identity key of a present member, base64url. */
  readonly identityOf: (userId: string) => string | undefined;
}

/** Opens what others say in a room's watches. Who says it is a present member, and said it now: nothing counts twice. */
export class WatchFrames {
  readonly #options: FramesOptions;
  /** Watchers that their person's identity has vouched for: `user watcher`. */
  readonly #known = new Map<string, Promise<boolean>>();
  readonly #heard = new Map<string, { newest: number; readonly numbers: Set<number> }>();

  constructor(options: FramesOptions) {
    this.#options = options;
  }

  /** What is in a box, unread; undefined where it is none of a watch, or not sealed by a member. */
  async open(from: string, box: Uint8Array<ArrayBuffer>): Promise<WatchFrame | undefined> {
    try {
      const text = fromUtf8(await openWatch(fromBase64(this.#options.secret), from, box));
      return WatchFrame.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }

  /** What a frame says, and who; undefined unless it is genuine, of a member, and new. Never rejects. */
  async read(from: string, frame: WatchFrame): Promise<{ speaker: Speaker; said: Said } | undefined> {
    const { room } = this.#options;
    const { watcher, proof, n, watch } = frame;
    try {
      if (!this.#isNew(watcher, n)) return undefined;
      if (!(await this.#isTheirs(from, watcher, proof)) || !(await isFrameGenuine(room, frame)))
        return undefined;
      // The same one may have come by the other way meanwhile.
      if (!this.#isNew(watcher, n)) return undefined;
      this.#note(watcher, n);
      const said = Said.parse(JSON.parse(frame.text));
      if ((said.t === 'tl' || said.t === 'beat') && !(await this.#isGenuine(watch, said.tl)))
        return undefined;
      return { speaker: { watcher, userId: from, n }, said };
    } catch {
      return undefined;
    }
  }

  /** Whether a state, and the rules that it goes by, were signed by whom they say. */
  async #isGenuine(watch: string, state: Timeline): Promise<boolean> {
    const { room } = this.#options;
    const { rules } = state;
    return (
      (await this.#isMarkOf(state.mark, timelineSigned(room, watch, state))) &&
      (await this.#isMarkOf(rules.mark, rulesSigned(room, watch, rules)))
    );
  }

  async #isMarkOf(mark: Mark, message: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return (await this.#isTheirs(mark.by, mark.watcher, mark.proof)) && (await isMarkGenuine(mark, message));
  }

  #isTheirs(userId: string, watcher: string, proof: string): Promise<boolean> {
    const { room, identityOf } = this.#options;
    const identity = identityOf(userId);
    if (identity === undefined) return Promise.resolve(false);
    const key = `${identity} ${watcher} ${proof}`;
    const known = this.#known.get(key) ?? isVouchedFor(fromBase64(identity), room, watcher, proof);
    this.#known.set(key, known);
    return known;
  }

  #isNew(watcher: string, n: number): boolean {
    const heard = this.#heard.get(watcher);
    return !heard || (n > heard.newest - window && !heard.numbers.has(n));
  }

  #note(watcher: string, n: number): void {
    const heard = this.#heard.get(watcher) ?? { newest: 0, numbers: new Set() };
    this.#heard.set(watcher, heard);
    heard.newest = Math.max(heard.newest, n);
    heard.numbers.add(n);
    for (const old of heard.numbers) if (old <= heard.newest - window) heard.numbers.delete(old);
  }
}

/** Says things in one watch, as one watcher. */
export class WatchVoice {
  readonly #options: FramesOptions;
  readonly #watcher: Watcher;
  readonly #watch: string;
  #n = 0;

  private constructor(options: FramesOptions, watch: string, watcher: Watcher) {
    this.#options = options;
    this.#watch = watch;
    this.#watcher = watcher;
  }

  /** A new watcher of the watch, with a key that `vouch` has the account's identity vouch for. */
  static async create(
    options: FramesOptions,
    watch: string,
    vouch: (watcher: string) => Promise<string>,
  ): Promise<WatchVoice> {
    return new WatchVoice(options, watch, await createWatcher(vouch));
  }

  get watcher(): string {
    return this.#watcher.id;
  }

  /** Signs and seals. */
  async seal(said: Said): Promise<Uint8Array<ArrayBuffer>> {
    const { room, secret, me } = this.#options;
    const content = { watch: this.#watch, n: ++this.#n, text: JSON.stringify(said) };
    const frame = await signFrame(this.#watcher, room, content);
    return sealWatch(fromBase64(secret), me, utf8(JSON.stringify(frame)));
  }

  /** Signs a state of the film, and new rules for it. Throws a RangeError without any rules. */
  async sign(state: Unsigned, newRules?: NewRules): Promise<Timeline> {
    const { room, me } = this.#options;
    const mark = (message: Uint8Array<ArrayBuffer>) => makeMark(this.#watcher, me, message);
    const rules = newRules
      ? { ...newRules, mark: await mark(rulesSigned(room, this.#watch, newRules)) }
      : state.rules;
    if (!rules) throw new RangeError('a state goes by rules');
    const whole = { ...state, rules };
    return { ...whole, mark: await mark(timelineSigned(room, this.#watch, whole)) };
  }
}
