import type { CallSignal, TrackKind } from '../../../../protocol/call.ts';
import { deviceOf } from '../../../../protocol/scalars.ts';
import type { CallOptions } from './call.ts';
import { Few } from './few.ts';
import type { FrameCounts } from './frames.messages.ts';
import type { Frames } from './frames.ts';
import type { Incoming, Peer, Way } from './peer.ts';
import { SfuWay } from './sfu-way.ts';
import type { LinkState } from './types.ts';

export interface WaysOptions extends Pick<CallOptions, 'session' | 'room'> {
  /** This device's address. */
  readonly own: string;
  readonly frames: Frames;
  readonly peers: ReadonlyMap<string, Peer>;
  /** What is on now. */
  readonly tracks: () => ReadonlyMap<TrackKind, MediaStreamTrack>;
  readonly send: (peer: string, signal: CallSignal) => void;
  /** A peer's direct connection is of no more use. */
  readonly onUnused: (address: string, peer: Peer) => void;
  readonly onChange: () => void;
  /** The SFU can't be reached, or, with false, can again. */
  readonly onAway: (away: boolean) => void;
  /** Direct ways would do (`Few`). */
  readonly onFew: () => void;
  readonly onLeak: (kind: TrackKind) => void;
}

/** By which way frames go, directly or by the SFU, and how a call gets from one to the other without a break. */
export class Ways {
  readonly #options: WaysOptions;
  readonly #few: Few;
  #chosen: Way = 'mesh';
  #sfu: SfuWay | undefined;

  constructor(options: WaysOptions) {
    this.#options = options;
    this.#few = new Few(options.onFew);
  }

  /** The way that the room has chosen. */
  get chosen(): Way {
    return this.#chosen;
  }

  /** The room has chosen `way` for us and so many others. The old one stays until the new one carries (`look`). */
  choose(way: Way, others: number): void {
    this.#chosen = way;
    if (way === 'sfu') this.#sfu ??= this.#openSfu();
    this.#few.count(way === 'sfu' ? others : undefined);
  }

  stateOf(address: string, { link, takes }: Peer): LinkState {
    if (takes === 'mesh' && link) return link.state;
    if (this.#sfu?.has(address)) return 'connected';
    return this.#sfu?.state === 'reconnecting' ? 'reconnecting' : 'connecting';
  }

  /** What comes of a device by the SFU. */
  bySfu(address: string): ReadonlyMap<TrackKind, Incoming> {
    return this.#sfu?.from(address) ?? new Map();
  }

  /** Sends `track` as `kind` by the SFU too, where we are there; null for nothing. */
  publish(kind: TrackKind, track: MediaStreamTrack | null): void {
    this.#sfu?.publish(kind, track);
  }

  /** The network is another one now. */
  hurry(): void {
    this.#sfu?.hurry();
  }

  /** What has left by the SFU so far; they cost something. */
  async stats(): Promise<ReadonlyMap<TrackKind, RTCStatsReport> | undefined> {
    return this.#sfu?.stats();
  }

  /** Looks whether something leaves in clear, by `stats` from before the counting, and whether the new way carries. */
  look(counts: FrameCounts, stats: ReadonlyMap<TrackKind, RTCStatsReport> | undefined): void {
    if (!this.#sfu) return;
    if (stats) this.#sfu.look(counts, stats);
    this.#move(counts);
  }

  close(): void {
    this.#few.close();
    this.#sfu?.close();
  }

  /**
   * Moves to the way that the room has chosen, peer by peer: what they send is taken from there once all of it flows there, and the
   * old way ends when both have moved.
   */
  #move(counts: FrameCounts): void {
    const { peers, send, onChange, onUnused } = this.#options;
    const way = this.#chosen;
    for (const [address, peer] of peers) {
      const there = way === 'sfu' ? this.#sfu?.has(address) : peer.link?.state === 'connected';
      // A direct connection that has not come about is not waited for once the peer is there: it takes as much work as one that has.
      const isFutile =
        way === 'sfu' && (peer.link?.state === 'connecting' || peer.link?.state === 'retrying');
      if (peer.takes !== way && there && (isFutile || peer.flows(way, counts))) {
        peer.take(way);
        send(address, { t: 'takes', from: way });
        onChange();
      }
      if (way === 'sfu' && peer.link && peer.takes === way && peer.gives === way) onUnused(address, peer);
    }
    // Who is not there any more takes nothing from there, though their word was lost.
    const hasMoved = ([address, { takes, gives }]: [string, Peer]) =>
      takes === way && (gives === way || !this.#sfu?.has(address));
    if (way !== 'mesh' || ![...peers].every(hasMoved)) return;
    this.#sfu?.close();
    this.#sfu = undefined;
    for (const peer of peers.values()) peer.clearSfu();
    this.#tellAway(false);
  }

  #openSfu(): SfuWay {
    const { session, room, own, frames, peers, tracks, onChange, onLeak } = this.#options;
    return new SfuWay({
      frames,
      door: () => session.api('joinSfu', { body: { room, device: deviceOf(own) } }),
      provider: async () => {
        const { LiveKit } = await import('./livekit.ts');
        return (events) => new LiveKit(events);
      },
      tracks,
      onTrack: (device, kind, incoming) => {
        peers.get(device)?.put('sfu', kind, incoming);
        onChange();
      },
      onTrackGone: (device, kind) => {
        peers.get(device)?.remove('sfu', kind);
        onChange();
      },
      onChange,
      onAway: (away) => this.#tellAway(away),
      onLeak,
    });
  }

  #tellAway(away: boolean): void {
    this.#options.onAway(away);
    this.#few.away(away);
  }
}
