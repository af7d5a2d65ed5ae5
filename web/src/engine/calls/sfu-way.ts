import { TrackKind } from '../../../../protocol/call.ts';
import { inBackground } from '../background.ts';
import type { FrameCounts } from './frames.messages.ts';
import type { Frames } from './frames.ts';
import type { Incoming } from './peer.ts';
import type { SfuProvider, StartSfu } from './sfu.ts';
import type { LinkState } from './types.ts';
import { framesAt, LeakWatch, sentFrames } from './watch.ts';

/** How long after a failure it is tried again, in milliseconds: twice as long each time in a row, up to the last, and spread by half. */
const againAfter = 1_000;
const againLatest = 6_000;
/** Who has been there for so long, in milliseconds, had no failure in a row. */
const calm = 10_000;

export interface SfuWayOptions {
  readonly frames: Pick<Frames, 'seal' | 'open'>;
  /** The SFU's address and a token for it. */
  readonly door: () => Promise<{ readonly url: string; readonly token: string }>;
  /** Loads what speaks to it. */
  readonly provider: () => Promise<StartSfu>;
  /** What is on now. */
  readonly tracks: () => ReadonlyMap<TrackKind, MediaStreamTrack>;
  readonly onTrack: (device: string, kind: TrackKind, incoming: Incoming) => void;
  readonly onTrackGone: (device: string, kind: TrackKind) => void;
  readonly onChange: () => void;
  /** It can't be reached at the moment, or, with false, can again. */
  readonly onAway: (away: boolean) => void;
  readonly onLeak: (kind: TrackKind) => void;
}

/** The way of a large call: enters the SFU, sends what is on, sealed by the same keys as to peers, and comes back when it was lost. */
export class SfuWay {
  readonly #options: SfuWayOptions;
  readonly #sending = new Map<TrackKind, { readonly end: number; readonly leak: LeakWatch }>();
  /** What comes, of whomever: the SFU may know of somebody before the room has told us. */
  readonly #incoming = new Map<string, Map<TrackKind, Incoming>>();
  #provider: SfuProvider | undefined;
  #entered = false;
  #was: LinkState = 'connecting';
  /** Since when we are there. */
  #since: number | undefined;
  /** How often in a row it came to nothing. */
  #failures = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: SfuWayOptions) {
    this.#options = options;
    inBackground(this.#enter(), 'entering the SFU');
  }

  get state(): LinkState {
    const state = this.#provider?.state ?? 'connecting';
    return this.#entered && state === 'connecting' ? 'reconnecting' : state;
  }

  /** What comes of a device. */
  from(device: string): ReadonlyMap<TrackKind, Incoming> {
    return this.#incoming.get(device) ?? new Map();
  }

  /** Whether the device is there too. */
  has(device: string): boolean {
    return this.state === 'connected' && this.#provider!.devices.has(device);
  }

  publish(kind: TrackKind, track: MediaStreamTrack | null): void {
    const provider = this.#provider;
    if (provider?.state !== 'connected') return;
    provider.publish(kind, track).catch((error) => {
      // The others wait for it there, and nothing would ever send it: what can't be sent by it is no way.
      console.warn('the SFU did not take what is sent', error);
      this.#lost(provider);
    });
  }

  /** The network is another one now: what is waited for is tried at once. */
  hurry(): void {
    if (this.#again === undefined) return;
    clearTimeout(this.#again);
    this.#failures = 0;
    this.#enterAgain();
  }

  /** Looks whether something leaves in clear; `stats` from before the counting. */
  look(counts: FrameCounts, stats: ReadonlyMap<TrackKind, RTCStatsReport>): void {
    for (const [kind, report] of stats) {
      const sending = this.#sending.get(kind);
      const sent = [...sentFrames(report).values()].reduce((sum, each) => sum + each, 0);
      if (sending?.leak.look(sent, framesAt(counts, sending.end))) this.#options.onLeak(kind);
    }
  }

  /** What has left so far, by its statistics. */
  async stats(): Promise<ReadonlyMap<TrackKind, RTCStatsReport>> {
    const senders = [...(this.#provider?.senders ?? [])];
    return new Map(
      await Promise.all(senders.map(async ([kind, sender]) => [kind, await sender.getStats()] as const)),
    );
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#provider?.leave();
    this.#provider = undefined;
  }

  async #enter(): Promise<void> {
    let entered: SfuProvider | undefined;
    try {
      const [start, { url, token }] = await Promise.all([this.#options.provider(), this.#options.door()]);
      if (this.#closed) return;
      entered = this.#start(start);
      await entered.join(url, token);
    } catch (error) {
      console.warn('the SFU could not be entered', error);
      this.#lost(entered);
    }
  }

  /** Begins with a provider of its own: what the one before may still have to say counts no more. */
  #start(start: StartSfu): SfuProvider {
    const { frames, onTrack, onTrackGone, onChange } = this.#options;
    const provider = start({
      onSender: (kind, sender) => {
        const end = frames.seal(sender, kind);
        if (this.#provider === provider) this.#sending.set(kind, { end, leak: new LeakWatch() });
      },
      onTrack: (device, kind, track, receiver) => {
        if (this.#provider !== provider) return;
        const incoming = { track, receiver, end: frames.open(receiver, kind, device) };
        this.#incoming.set(device, new Map(this.#incoming.get(device)).set(kind, incoming));
        onTrack(device, kind, incoming);
      },
      onTrackGone: (device, kind, track) => {
        const present = this.#incoming.get(device);
        // Who comes back before they are known to have gone sends anew by then.
        if (this.#provider !== provider || present?.get(kind)?.track !== track) return;
        present.delete(kind);
        onTrackGone(device, kind);
      },
      onChange: () => {
        if (this.#provider !== provider) return;
        this.#stateChanged(provider.state);
        onChange();
      },
      onEnd: () => this.#lost(provider),
    });
    this.#provider = provider;
    return provider;
  }

  /** What was switched on or off while it was away is sent, or ended, when it is back. */
  #stateChanged(state: LinkState): void {
    const back = state === 'connected' && this.#was !== 'connected';
    this.#was = state;
    if (!back) return;
    this.#entered = true;
    this.#since ??= performance.now();
    this.#options.onAway(false);
    const tracks = this.#options.tracks();
    for (const kind of TrackKind.options) this.publish(kind, tracks.get(kind) ?? null);
  }

  /** `provider`, if it is still the one, or the attempt to have one, came to nothing: it is entered anew. */
  #lost(provider: SfuProvider | undefined): void {
    if (this.#closed || this.#provider !== provider) return;
    if (this.#since !== undefined && performance.now() - this.#since > calm) this.#failures = 0;
    this.#since = undefined;
    this.#provider = undefined;
    this.#was = 'connecting';
    provider?.leave();
    this.#sending.clear();
    const gone = [...this.#incoming];
    this.#incoming.clear();
    for (const [device, kinds] of gone)
      for (const kind of kinds.keys()) this.#options.onTrackGone(device, kind);
    this.#options.onAway(true);
    const delay = Math.min(againLatest, againAfter * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
    this.#again = setTimeout(() => this.#enterAgain(), delay);
  }

  #enterAgain(): void {
    this.#again = undefined;
    inBackground(this.#enter(), 'entering the SFU again');
  }
}
