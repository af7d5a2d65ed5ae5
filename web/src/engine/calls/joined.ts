import { uuidv7 } from 'uuidv7';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import type { CallSignal, TrackKind } from '../../../../protocol/call.ts';
import type { IceServers } from '../../../../protocol/rest/index.ts';
import { userOf } from '../../../../protocol/scalars.ts';
import { inBackground } from '../background.ts';
import type { CallOptions } from './call.ts';
import type { Channels } from './channels.ts';
import { Epochs } from './epochs.ts';
import type { Frames } from './frames.ts';
import { Ice } from './ice.ts';
import { Link } from './link.ts';
import { LocalMedia } from './local.ts';
import { Peer, type Way } from './peer.ts';
import type { JoinedAlarm, RemotePart } from './types.ts';
import { lookEvery } from './watch.ts';
import { Ways } from './ways.ts';

/** What all videos of one sender may take together, in bits a second; each peer gets its part. */
const uplink = 2_400_000;
/** At each so manieth look it is also looked whether anything leaves in clear: statistics cost something. */
const thoroughEvery = 5;
/** What a look asks may stay unanswered, of a connection that is closed meanwhile; after so long, in milliseconds, there is another. */
const lookedWithin = 5_000;

export interface JoinedOptions extends Pick<CallOptions, 'session' | 'room'> {
  readonly own: string;
  readonly frames: Frames;
  readonly data: Channels;
  readonly ice: IceServers;
  readonly send: (peer: string, signal: CallSignal, wanted?: () => boolean) => void;
  readonly onChange: () => void;
  readonly onAlarm: (alarm: JoinedAlarm) => void;
  /** The SFU can't be reached, or, with false, can again. */
  readonly onAway: (away: boolean) => void;
  /** Direct ways would do (`Few`). */
  readonly onFew: () => void;
}

/** The call while this tab is in it: its peers, keys and devices, and the ways between. */
export class Joined {
  /** The call's id: our own until the room says which one it is. */
  id = uuidv7();
  readonly local: LocalMedia;
  readonly #options: JoinedOptions;
  readonly #epochs: Epochs;
  readonly #peers = new Map<string, Peer>();
  readonly #watching: ReturnType<typeof setInterval>;
  readonly #unsubscribe: () => void;
  /** Since when it is being looked, on the page's clock. */
  #looking = Number.NEGATIVE_INFINITY;
  #looks = 0;
  readonly #ice: Ice;
  readonly #ways: Ways;

  constructor(options: JoinedOptions) {
    this.#options = options;
    const { session, room, frames, send, onChange } = options;
    this.#ice = new Ice(
      options.ice,
      () => session.api('getIce', { query: { room } }),
      () => {
        for (const { link } of this.#peers.values()) link?.useIce();
      },
    );
    this.#ways = new Ways({
      ...options,
      peers: this.#peers,
      tracks: () => this.local.tracks,
      onUnused: (address, peer) => {
        this.#unlink(address, peer);
        this.#share();
      },
      onLeak: (kind) => this.#leaks(kind),
    });
    this.#epochs = new Epochs({ frames, peers: () => this.#peers.keys(), send });
    this.local = new LocalMedia({
      onTrack: (kind, track) => {
        for (const { link } of this.#peers.values()) link?.send(kind, track);
        this.#ways.publish(kind, track);
        this.#share();
      },
      onChange: () => {
        for (const peer of this.#peers.keys()) this.#tellMedia(peer);
        onChange();
      },
    });
    this.#unsubscribe = frames.heard.subscribe(() => onChange());
    this.#watching = setInterval(() => {
      this.#listen();
      inBackground(this.#look(), 'watching connections');
    }, lookEvery);
    frames.onMissing = (peer) => {
      if (this.#peers.has(peer)) send(peer, { t: 'key-ask' });
    };
    globalThis.addEventListener?.('online', this.#networkChanged);
    this.#epochs.renew();
  }

  get peers(): Iterable<string> {
    return [...this.#peers.keys()];
  }

  /** Opens the devices that are wanted. Throws EngineError `no-device` for the first that can't be. */
  async open({ audio, video }: { audio: boolean; video: boolean }): Promise<void> {
    const opened = await Promise.allSettled([
      ...(audio ? [this.local.setAudio(true)] : []),
      ...(video ? [this.local.setVideo(true)] : []),
    ]);
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
  }

  /**
   * The devices that the room names, and the way that they go: new ones are called, and those it names no more get a moment to
   * come back.
   */
  meet(devices: readonly string[], way: Way): void {
    this.#ways.choose(way, devices.length);
    for (const address of devices) {
      const peer = this.#peer(address);
      if (way === 'mesh') this.#link(address, peer);
    }
    for (const [address, peer] of this.#peers) {
      if (devices.includes(address)) peer.isNamed();
      else
        peer.isMissed(
          () => this.#ways.stateOf(address, peer) === 'connected',
          () => this.#drop(address),
        );
    }
  }

  /** Keeps whom `may` names, and drops the others at once. */
  keep(may: (peer: string) => boolean): void {
    for (const address of [...this.#peers.keys()]) if (!may(address)) this.#drop(address);
  }

  take(address: string, signal: CallSignal): void {
    if (signal.t === 'bye') {
      this.#drop(address);
      return;
    }
    const peer = this.#peer(address);
    switch (signal.t) {
      case 'description':
      case 'candidate':
        if (this.#ways.chosen === 'mesh' || peer.takes === 'mesh' || peer.link)
          this.#link(address, peer).take(signal);
        // Late, or they have not heard that we have moved, and mend what we have ended.
        else if (signal.t === 'description') this.#options.send(address, { t: 'takes', from: peer.takes });
        break;
      case 'key':
        this.#learn(address, peer, signal);
        this.#options.send(address, { t: 'key-ack', stay: signal.stay, epoch: signal.epoch });
        break;
      case 'key-ack':
        if (signal.stay !== this.#epochs.stay) break;
        // What was said of our devices when they came may have been lost, as keys are told until they are acknowledged.
        if (signal.epoch > peer.acknowledged) this.#tellMedia(address);
        peer.acknowledged = Math.max(peer.acknowledged, signal.epoch);
        this.#epochs.acknowledged(address, signal.epoch);
        this.#options.onChange();
        break;
      case 'key-ask':
        this.#epochs.remind([address]);
        break;
      case 'takes':
        peer.gives = signal.from;
        break;
      case 'media': {
        const { audio, video, screen } = signal;
        peer.media = { audio, video, screen };
        this.#options.onChange();
      }
    }
  }

  #learn(address: string, peer: Peer, { stay, epoch, secret }: Extract<CallSignal, { t: 'key' }>): void {
    const { frames } = this.#options;
    if (peer.stay !== undefined && peer.stay !== stay) {
      // It came back without having left, and has no key of ours any more.
      frames.forget(address);
      peer.acknowledged = -1;
      peer.gives = this.#ways.chosen;
      this.#epochs.renew();
    }
    peer.stay = stay;
    frames.learn(address, epoch, fromBase64(secret));
  }

  parts(name: (userId: string) => string): RemotePart[] {
    const heard = this.#options.frames.heard.get();
    return [...this.#peers].map(([id, peer]) => ({
      id,
      userId: userOf(id),
      name: name(userOf(id)),
      state: this.#ways.stateOf(id, peer),
      opens: heard.has(id),
      secure: heard.has(id) && peer.acknowledged >= this.#epochs.active,
      speaking: peer.speaking && peer.media.audio,
      ...peer.media,
      ...(peer.stream && { stream: peer.stream }),
      ...(peer.display && { display: peer.display }),
    }));
  }

  /** Signals can be sent again: what may have been lost meanwhile is said again. */
  resume(): void {
    for (const [address, { link, takes }] of this.#peers) {
      this.#tellMedia(address);
      this.#options.send(address, { t: 'takes', from: takes });
      link?.resume();
    }
    this.#epochs.remind();
  }

  close(): void {
    clearInterval(this.#watching);
    this.#ice.close();
    this.#ways.close();
    globalThis.removeEventListener?.('online', this.#networkChanged);
    this.#unsubscribe();
    this.#epochs.close();
    for (const [address, peer] of this.#peers) {
      peer.isNamed();
      this.#unlink(address, peer);
    }
    this.#peers.clear();
    this.local.close();
    this.#options.frames.close();
  }

  #peer(address: string): Peer {
    const known = this.#peers.get(address);
    if (known) return known;
    const peer = new Peer(this.#ways.chosen);
    this.#peers.set(address, peer);
    for (const [kind, incoming] of this.#ways.bySfu(address)) peer.put('sfu', kind, incoming);
    // Whoever comes hears nothing from before: they get the new secret, and never the one in use.
    this.#epochs.renew();
    this.#tellMedia(address);
    if (this.#ways.chosen === 'mesh') this.#link(address, peer);
    this.#options.onChange();
    return peer;
  }

  /** The direct connection to a peer, made when there is none. */
  #link(address: string, peer: Peer): Link {
    if (peer.link) return peer.link;
    const { own, frames, data, send, onChange, onAlarm } = this.#options;
    const link = new Link({
      peer: address,
      polite: own < address,
      ice: () => this.#ice.servers,
      frames,
      send: (signal, wanted) => send(address, signal, wanted),
      onTrack: (kind, incoming) => {
        peer.put('mesh', kind, incoming);
        onChange();
      },
      onChannel: (channel) => data.put(address, channel),
      onState: (state) => {
        if (state === 'refused') onAlarm({ what: 'wrong-key', peer: address });
        onChange();
      },
      onLeak: (kind) => this.#leaks(kind),
    });
    peer.link = link;
    for (const [kind, track] of this.local.tracks) link.send(kind, track);
    this.#share();
    return link;
  }

  #unlink(address: string, peer: Peer): void {
    peer.unlink();
    this.#options.data.drop(address);
  }

  #drop(address: string): void {
    const peer = this.#peers.get(address);
    if (!peer) return;
    peer.isNamed();
    this.#unlink(address, peer);
    this.#peers.delete(address);
    this.#options.frames.forget(address);
    this.#epochs.renewSoon();
    this.#share();
    this.#options.onChange();
  }

  #tellMedia(address: string): void {
    this.#options.send(address, { t: 'media', ...this.local.state });
  }

  /** Each peer's part of what we may send. */
  #share(): void {
    const links = [...this.#peers.values()].flatMap(({ link }) => link ?? []);
    // Each picture is encoded for each peer: small ones for many cost no more than a large one for one.
    for (const link of links) link.limit(Math.floor(uplink / links.length), links.length > 1 ? 2 : 1);
  }

  async #look(): Promise<void> {
    const now = performance.now();
    if (now - this.#looking < lookedWithin) return;
    this.#looking = now;
    try {
      const peers = [...this.#peers.values()];
      const thorough = this.#looks++ % thoroughEvery === 0;
      const stats = thorough ? await Promise.all(peers.map(({ link }) => link?.stats())) : [];
      const sfuStats = thorough ? await this.#ways.stats() : undefined;
      const counts = await this.#options.frames.counts();
      for (const [n, { link, media }] of peers.entries())
        link?.look(media.audio || media.video, counts, stats[n]);
      this.#ways.look(counts, sfuStats);
    } finally {
      if (this.#looking === now) this.#looking = Number.NEGATIVE_INFINITY;
    }
  }

  #leaks(kind: TrackKind): void {
    this.local.halt(kind);
    this.#options.onAlarm({ what: 'unsealed', track: kind });
  }

  #listen(): void {
    const changed = [...this.#peers.values()].map((peer) => peer.listen());
    if (changed.includes(true)) this.#options.onChange();
  }

  readonly #networkChanged = (): void => {
    for (const { link } of this.#peers.values()) link?.restart();
    this.#ways.hurry();
  };
}
