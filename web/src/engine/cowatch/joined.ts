import type { Control, Said } from '../../../../protocol/cowatch.ts';
import { fastestRate, mostNamed, slowestRate } from '../../../../protocol/cowatch.ts';
import { inBackground } from '../background.ts';
import { Subject, until } from '../observable.ts';
import { Turns } from '../turns.ts';
import { Follower, type Screen } from './follower.ts';
import type { WatchVoice } from './frames.ts';
import type { JoinedView, JoinedWatch, WatchPhase } from './types.ts';
import { WatchTogether } from './watch.ts';

/** So many frames may leave before the goodbye that is kept ready is sealed anew: receivers take none that is much older. */
const byeLasts = 100;
/** Milliseconds in which who comes knows where the others are. */
const knownWithin = 5_000;

export interface JoinedOptions {
  readonly id: string;
  readonly voice: WatchVoice;
  readonly me: string;
  readonly send: (box: Uint8Array<ArrayBuffer>) => void;
  readonly onLeft: () => void;
}

/** This page's clock: it never jumps, whatever is done to the machine's. */
const now = (): number => performance.timeOrigin + performance.now();

/** This tab's part in a watch, with its timers and its screen. */
export class Joined implements JoinedWatch {
  readonly id: string;
  readonly watch: WatchTogether;
  readonly view: Subject<JoinedView>;
  readonly #options: JoinedOptions;
  readonly #reactions = new Set<(userId: string, emoji: string) => void>();
  #follower: { readonly messageId: string; readonly by: Follower } | undefined;
  /** A film was on the screen once: from then on the others wait for the next one to be there. */
  #shown = false;
  #correcting = true;
  #offset = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Leaves when the page does: there is no time then to seal one. */
  #bye: Uint8Array<ArrayBuffer> | undefined;
  #saidSinceBye = 0;
  /** Each follows from the one before it: it takes a moment to be signed. */
  readonly #changes = new Turns();
  #left = false;

  constructor(options: JoinedOptions) {
    this.#options = options;
    this.id = options.id;
    this.watch = new WatchTogether({
      me: { watcher: options.voice.watcher, userId: options.me },
      now,
      say: (said) => this.#say(said),
      sign: (state, rules) => options.voice.sign(state, rules),
      onReaction: (userId, emoji) => this.#reacted(userId, emoji),
      onChange: () => this.#show(),
    });
    this.view = new Subject(this.#look());
    this.#keepBye();
    globalThis.addEventListener?.('pagehide', this.#hidden);
    this.#tick();
  }

  /** Whether anybody says within so many milliseconds what is watched. */
  heard(within: number): Promise<boolean> {
    return this.#comes(({ messageId }) => messageId !== undefined, within);
  }

  async #comes(accept: (view: JoinedView) => boolean, within: number): Promise<boolean> {
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), within));
    return Promise.race([late, until(this.view, accept).then(() => true)]);
  }

  /** Has everybody watch another film; answers whether this person may. */
  open(messageId: string, seconds: number): Promise<boolean> {
    return this.#changes.run(async () => {
      // Whoever has just come knows only after some exchanges where the others are.
      await this.#comes(({ phase }) => phase !== 'joining', knownWithin);
      return this.watch.wish({ mediaId: messageId, pos: seconds, paused: false });
    });
  }

  play = (): void => this.#wish({ paused: false });
  pause = (): void => this.#wish({ paused: true });
  seek = (seconds: number): void => this.#wish({ pos: Math.max(0, seconds) });
  setRate = (rate: number): void => this.#wish({ rate: Math.min(fastestRate, Math.max(slowestRate, rate)) });

  goOnWithout(watcher: string): void {
    const without = [...new Set([...(this.watch.state?.without ?? []), watcher])].slice(-mostNamed);
    this.#wish({ without });
  }

  allow = (control: Control): void => this.#rule({ control });
  makeHost = (userId: string): void => this.#rule({ host: userId });

  #wish(wish: Parameters<WatchTogether['wish']>[0]): void {
    inBackground(
      this.#changes.run(() => this.watch.wish(wish)),
      'changing what is watched',
    );
  }

  #rule(rules: Parameters<WatchTogether['rule']>[0]): void {
    inBackground(
      this.#changes.run(() => this.watch.rule(rules)),
      'saying who may control a film',
    );
  }

  react(emoji: string): void {
    this.watch.react(emoji);
    this.#reacted(this.#options.me, emoji);
  }

  onReaction(listener: (userId: string, emoji: string) => void): () => void {
    this.#reactions.add(listener);
    return () => this.#reactions.delete(listener);
  }

  #reacted(userId: string, emoji: string): void {
    for (const listener of [...this.#reactions]) listener(userId, emoji);
  }

  show(messageId: string, screen: Screen): () => void {
    const by = new Follower({ watch: this.watch, screen, now });
    by.correcting = this.#correcting;
    by.offset = this.#offset;
    const follower = { messageId, by };
    this.#follower = follower;
    this.#shown = true;
    this.#tick();
    return () => {
      if (this.#follower === follower) this.#follower = undefined;
    };
  }

  setCorrecting(on: boolean): void {
    this.#correcting = on;
    if (this.#follower) this.#follower.by.correcting = on;
    this.#show();
  }

  setOffset(seconds: number): void {
    this.#offset = seconds;
    if (this.#follower) this.#follower.by.offset = seconds;
    this.#show();
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.('pagehide', this.#hidden);
    this.watch.close();
    this.#options.onLeft();
  }

  readonly #hidden = () => {
    if (this.#bye && !this.#left) this.#options.send(this.#bye);
  };

  /** Does what is due now, and comes back when something will be. */
  #tick(): void {
    if (this.#left) return;
    clearTimeout(this.#timer);
    const next = Math.min(this.watch.tick(), this.#step());
    this.#timer = setTimeout(() => this.#tick(), next);
  }

  #step(): number {
    const { goal } = this.watch;
    if (goal && this.#follower?.messageId === goal.mediaId) return this.#follower.by.step();
    if (goal && this.#shown) this.watch.reports({ ready: false, pos: goal.pos, cause: 'loading' });
    return Number.POSITIVE_INFINITY;
  }

  #say(said: Said): void {
    inBackground(this.#seal(said), 'telling those who watch');
  }

  async #seal(said: Said): Promise<void> {
    this.#options.send(await this.#options.voice.seal(said));
    if (++this.#saidSinceBye === byeLasts) this.#keepBye();
  }

  #keepBye(): void {
    this.#saidSinceBye = 0;
    const keep = async () => {
      this.#bye = await this.#options.voice.seal({ t: 'bye' });
    };
    inBackground(keep(), 'preparing a goodbye');
  }

  #show(): void {
    const view = this.#look();
    if (JSON.stringify(view) !== JSON.stringify(this.view.get())) this.view.set(view);
    // A new goal is followed at once, not at the next turn.
    if (!this.#left) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#tick());
    }
  }

  #look(): JoinedView {
    const { watch } = this;
    const { state, run, goal } = watch;
    const me = this.#options.voice.watcher;
    const without = state?.without ?? [];
    const waitsFor = goal?.phase === 'gather' ? (run?.waiting ?? []) : [];
    const { host, control } = state?.rules ?? { control: 'everyone' as const };
    return {
      phase: goal ? phases[goal.phase] : 'joining',
      ...(state && { messageId: state.mediaId }),
      rate: state?.rate ?? 1,
      others: watch.others.map(({ watcher, userId, report: { ready, cause } }) => ({
        watcher,
        userId,
        ready,
        ...(cause && { cause }),
        leftBehind: without.includes(watcher) && !ready,
      })),
      waitsFor,
      me: {
        watcher: me,
        waitedFor: waitsFor.includes(me),
        leftBehind: without.includes(me) && !watch.report.ready,
      },
      ...(host !== undefined && { host }),
      control,
      isHost: host === this.#options.me,
      mayControl: watch.mayControl,
      correcting: this.#correcting,
      offset: this.#offset,
    };
  }
}

const phases = { run: 'playing', gather: 'waiting', hold: 'paused' } as const satisfies Record<
  string,
  WatchPhase
>;
