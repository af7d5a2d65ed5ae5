import { TrackKind } from '../../../../protocol/call.ts';
import { inBackground } from '../background.ts';
import type { FrameCounts } from './frames.messages.ts';
import type { Frames } from './frames.ts';
import type { Incoming } from './peer.ts';
import type { SfuProvider, StartSfu } from './sfu.ts';
import type { LinkState } from './types.ts';
import { framesAt, LeakWatch, sentFrames } from './watch.ts';

/** How long after a failure it is tried again, in milliseconds. */
const againAfter = 3_000;

export interface SfuWayOptions {
  readonly frames: Frames;
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
    if (this.#provider?.state !== 'connected') return;
    inBackground(this.#provider.publish(kind, track), 'sending by the SFU');
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
    const { frames, door, provider, onTrack, onTrackGone, onChange, onAway } = this.#options;
    try {
      const [start, { url, token }] = await Promise.all([provider(), door()]);
      if (this.#closed) return;
      const entered = start({
        onSender: (kind, sender) => {
          this.#sending.set(kind, { end: frames.seal(sender, kind), leak: new LeakWatch() });
        },
        onTrack: (device, kind, track, receiver) => {
          const incoming = { track, receiver, end: frames.open(receiver, kind, device) };
          this.#incoming.set(device, new Map(this.#incoming.get(device)).set(kind, incoming));
          onTrack(device, kind, incoming);
        },
        onTrackGone: (device, kind) => {
          this.#incoming.get(device)?.delete(kind);
          onTrackGone(device, kind);
        },
        onChange: () => {
          this.#stateChanged(entered.state);
          onChange();
        },
        onEnd: () => this.#lost(),
      });
      this.#provider = entered;
      await entered.join(url, token);
      if (this.#closed) return entered.leave();
      this.#entered = true;
      this.#stateChanged(entered.state);
      onAway(false);
    } catch (error) {
      console.warn('the SFU could not be entered', error);
      this.#lost();
    }
  }

  /** What was switched on or off while it was away is sent, or ended, when it is back. */
  #stateChanged(state: LinkState): void {
    const back = state === 'connected' && this.#was !== 'connected';
    this.#was = state;
    if (!back) return;
    const tracks = this.#options.tracks();
    for (const kind of TrackKind.options) this.publish(kind, tracks.get(kind) ?? null);
  }

  #lost(): void {
    if (this.#closed) return;
    this.#provider?.leave();
    this.#provider = undefined;
    this.#was = 'connecting';
    this.#incoming.clear();
    this.#options.onAway(true);
    clearTimeout(this.#again);
    this.#again = setTimeout(() => inBackground(this.#enter(), 'entering the SFU again'), againAfter);
  }
}
