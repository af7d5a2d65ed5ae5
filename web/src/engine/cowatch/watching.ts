import { uuidv7 } from 'uuidv7';
import type { Said } from '../../../../protocol/cowatch.ts';
import { m } from '../../language/index.ts';
import { inBackground } from '../background.ts';
import type { Subject } from '../observable.ts';
import { EngineError } from '../types.ts';
import { type FramesOptions, WatchFrames, WatchVoice } from './frames.ts';
import { Joined } from './joined.ts';
import type { WatchView } from './types.ts';
import type { Speaker } from './watch.ts';

/** Milliseconds after somebody was last heard for which they count as watching. */
const lasting = 4_500;
/** Milliseconds in which whoever began a watch joins one that was begun before it. */
const justBegun = 30_000;
/** Milliseconds after which a watch that one joins has nobody in it. */
const answersWithin = 8_000;

export interface WatchingOptions extends FramesOptions {
  readonly view: Subject<WatchView>;
  /** The account's word for a watcher's key. */
  readonly vouch: (watcher: string) => Promise<string>;
  readonly send: (box: Uint8Array<ArrayBuffer>) => void;
  readonly onChange: () => void;
}

/** Hears who watches in a room, and takes part. */
export class Watching {
  readonly #options: WatchingOptions;
  readonly #frames: WatchFrames;
  /** Who was heard of in which watch, and when. */
  readonly #heard = new Map<
    string,
    { readonly watch: string; readonly userId: string; readonly at: number }
  >();
  #joined: Joined | undefined;
  #begun: number | undefined;
  /** While a watch is being joined: the last who was heard in it has said goodbye. */
  #onLast: (() => void) | undefined;
  #fading: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WatchingOptions) {
    this.#options = options;
    this.#frames = new WatchFrames(options);
  }

  async start(messageId: string, seconds: number): Promise<void> {
    await this.#come();
    if (this.#joined) {
      if (await this.#joined.open(messageId, seconds)) return;
      throw new EngineError('may-not', m.engine_mayNotWatch());
    }
    const joined = await this.#enter(uuidv7());
    this.#begun = Date.now();
    await joined.watch.begin({ mediaId: messageId, pos: seconds });
  }

  async join(): Promise<void> {
    if (!(await this.#come())) throw new EngineError('no-watch', m.engine_noWatch());
  }

  /** Joins the watch that goes on; whether somebody is in it, as those who were heard of may have gone meanwhile. */
  async #come(): Promise<boolean> {
    if (this.#joined) return true;
    const running = this.#running;
    if (!running) return false;
    const joined = await this.#enter(running);
    const left = new Promise<false>((resolve) => {
      this.#onLast = () => resolve(false);
    });
    const found = await Promise.race([joined.heard(answersWithin), left]);
    this.#onLast = undefined;
    if (!found) joined.leave();
    return found;
  }

  /** What came from somebody, by whichever way. */
  async take(from: string, box: Uint8Array<ArrayBuffer>): Promise<void> {
    const frame = await this.#frames.open(from, box);
    const heard = frame && (await this.#frames.read(from, frame));
    if (!heard) return;
    this.#note(frame.watch, heard.speaker, heard.said);
    if (frame.watch === this.#joined?.id) this.#joined.watch.hear(heard.speaker, heard.said);
    else if (this.#mustMove(frame.watch, heard.said)) {
      this.#joined?.leave();
      inBackground(this.#enter(frame.watch), 'joining a watch');
    }
  }

  /** Two have begun at the same time: the earlier one counts, and who sits in the other alone comes over. */
  #mustMove(watch: string, said: Said): boolean {
    const joined = this.#joined;
    if (!joined || said.t !== 'beat' || watch > joined.id || joined.watch.others.length > 0) return false;
    return this.#begun !== undefined && Date.now() - this.#begun < justBegun;
  }

  async #enter(id: string): Promise<Joined> {
    const voice = await WatchVoice.create(this.#options, id, this.#options.vouch);
    const joined = new Joined({
      id,
      voice,
      me: this.#options.me,
      send: this.#options.send,
      onLeft: () => {
        if (this.#joined !== joined) return;
        this.#joined = undefined;
        this.#show();
        this.#options.onChange();
      },
    });
    this.#joined?.leave();
    this.#joined = joined;
    this.#begun = undefined;
    this.#show();
    this.#options.onChange();
    return joined;
  }

  #note(watch: string, { watcher, userId }: Speaker, said: Said): void {
    if (said.t === 'bye') {
      this.#heard.delete(watcher);
      if (![...this.#heard.values()].some((each) => each.watch === this.#joined?.id)) this.#onLast?.();
    } else this.#heard.set(watcher, { watch, userId, at: Date.now() });
    this.#show();
  }

  /** The watch that goes on: the one of those whom we have heard lately, the earliest of several. */
  get #running(): string | undefined {
    return [...this.#heard.values()].map(({ watch }) => watch).sort()[0];
  }

  #show(): void {
    for (const [watcher, { at }] of this.#heard) if (Date.now() - at > lasting) this.#heard.delete(watcher);
    clearTimeout(this.#fading);
    if (this.#heard.size > 0) this.#fading = setTimeout(() => this.#show(), 1_000);
    const { view, me } = this.#options;
    const joined = this.#joined;
    const watch = joined?.id ?? this.#running;
    const others = [...this.#heard.values()]
      .filter((each) => each.watch === watch)
      .map(({ userId }) => userId);
    const people = [...new Set([...(joined ? [me] : []), ...others])].sort();
    const before = view.get();
    if (before.joined === joined && (before.running?.people ?? []).join() === people.join()) return;
    view.set({ ...(people.length > 0 && { running: { people } }), ...(joined && { joined }) });
  }

  close(): void {
    this.#joined?.leave();
    clearTimeout(this.#fading);
  }
}
