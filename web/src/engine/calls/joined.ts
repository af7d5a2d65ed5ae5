import { uuidv7 } from 'uuidv7';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import type { CallSignal, MediaState, TrackKind } from '../../../../protocol/call.ts';
import type { IceServers } from '../../../../protocol/rest/index.ts';
import { userOf } from '../../../../protocol/scalars.ts';
import { inBackground } from '../background.ts';
import type { CallOptions } from './call.ts';
import type { Channels } from './channels.ts';
import { Epochs } from './epochs.ts';
import type { Frames } from './frames.ts';
import { Link } from './link.ts';
import { LocalMedia } from './local.ts';
import type { CallAlarm, RemotePart } from './types.ts';

/** What all videos of one sender may take together, in bits a second; each peer gets its part. */
const uplink = 2_400_000;
/** How often it is looked who speaks, in milliseconds, and from which level on (0 to 1) somebody does. */
const listenEvery = 200;
const speech = 0.02;
/** How long somebody whom the room doesn't name any more, and who isn't connected, is waited for, in milliseconds. */
const patience = 8_000;
/** ICE credentials are asked for anew when so much of their life is over. */
const renewAt = 0.8;
/** How often it is looked whether connections carry what they should, in milliseconds. */
const lookEvery = 500;

export interface JoinedOptions extends Pick<CallOptions, 'session' | 'room'> {
  readonly own: string;
  readonly frames: Frames;
  readonly data: Channels;
  readonly ice: IceServers;
  readonly send: (peer: string, signal: CallSignal) => void;
  readonly onChange: () => void;
  readonly onAlarm: (alarm: JoinedAlarm) => void;
}

/** As `CallAlarm`, of a device. */
export type JoinedAlarm =
  | Extract<CallAlarm, { what: 'unsealed' }>
  | { readonly what: 'wrong-key'; readonly peer: string };

/** Somebody else's device in the call. */
interface Peer {
  readonly link: Link;
  media: MediaState;
  readonly tracks: Map<TrackKind, MediaStreamTrack>;
  stream: MediaStream | undefined;
  display: MediaStream | undefined;
  speaking: boolean;
  /** Its present stay, by its keys. */
  stay: string | undefined;
  /** The newest of our epochs that it has acknowledged. */
  acknowledged: number;
  leaving: ReturnType<typeof setTimeout> | undefined;
}

/** The call while this tab is in it: its peers, keys and devices. */
export class Joined {
  /** The call's id: our own until the room says which one it is. */
  id = uuidv7();
  readonly local: LocalMedia;
  readonly #options: JoinedOptions;
  readonly #epochs: Epochs;
  readonly #peers = new Map<string, Peer>();
  readonly #listening: ReturnType<typeof setInterval>;
  readonly #watching: ReturnType<typeof setInterval>;
  #looking = false;
  readonly #unsubscribe: () => void;
  #ice: IceServers;
  #renewing: ReturnType<typeof setTimeout> | undefined;

  constructor(options: JoinedOptions) {
    this.#options = options;
    this.#ice = options.ice;
    const { frames, send, onChange } = options;
    this.#epochs = new Epochs({ frames, peers: () => this.#peers.keys(), send });
    this.local = new LocalMedia({
      onTrack: (kind, track) => {
        for (const { link } of this.#peers.values()) link.send(kind, track);
        this.#share();
      },
      onChange: () => {
        for (const peer of this.#peers.keys()) this.#tellMedia(peer);
        onChange();
      },
    });
    this.#unsubscribe = frames.heard.subscribe(() => onChange());
    this.#listening = setInterval(() => this.#listen(), listenEvery);
    this.#watching = setInterval(() => inBackground(this.#look(), 'watching connections'), lookEvery);
    frames.onMissing = (peer) => {
      if (this.#peers.has(peer)) send(peer, { t: 'key-ask' });
    };
    globalThis.addEventListener?.('online', this.#networkChanged);
    this.#renewIce();
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

  /** The devices that the room names: new ones are called, and those it names no more get a moment to come back. */
  meet(devices: readonly string[]): void {
    for (const address of devices) this.#peer(address);
    for (const [address, peer] of this.#peers) {
      if (devices.includes(address)) {
        clearTimeout(peer.leaving);
        peer.leaving = undefined;
      } else
        peer.leaving ??= setTimeout(() => {
          peer.leaving = undefined;
          if (peer.link.state !== 'connected') this.#drop(address);
        }, patience);
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
        peer.link.take(signal);
        break;
      case 'key':
        this.#learn(address, peer, signal);
        this.#options.send(address, { t: 'key-ack', stay: signal.stay, epoch: signal.epoch });
        break;
      case 'key-ack':
        if (signal.stay !== this.#epochs.stay) break;
        peer.acknowledged = Math.max(peer.acknowledged, signal.epoch);
        this.#epochs.acknowledged(address, signal.epoch);
        this.#options.onChange();
        break;
      case 'key-ask':
        this.#epochs.remind([address]);
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
      state: peer.link.state,
      secure: heard.has(id) && peer.acknowledged >= this.#epochs.active,
      speaking: peer.speaking && peer.media.audio,
      ...peer.media,
      ...(peer.stream && { stream: peer.stream }),
      ...(peer.display && { display: peer.display }),
    }));
  }

  close(): void {
    clearInterval(this.#listening);
    clearInterval(this.#watching);
    clearTimeout(this.#renewing);
    globalThis.removeEventListener?.('online', this.#networkChanged);
    this.#unsubscribe();
    this.#epochs.close();
    for (const [address, { link, leaving }] of this.#peers) {
      clearTimeout(leaving);
      link.close();
      this.#options.data.drop(address);
    }
    this.#peers.clear();
    this.local.close();
    this.#options.frames.close();
  }

  #peer(address: string): Peer {
    const known = this.#peers.get(address);
    if (known) return known;
    const { own, frames, data, send, onChange, onAlarm } = this.#options;
    const peer: Peer = {
      link: new Link({
        peer: address,
        polite: own < address,
        ice: () => this.#ice.iceServers,
        frames,
        send: (signal) => send(address, signal),
        onTrack: (kind, track) => this.#gotTrack(peer, kind, track),
        onChannel: (channel) => data.put(address, channel),
        onState: (state) => {
          if (state === 'refused') onAlarm({ what: 'wrong-key', peer: address });
          onChange();
        },
        onLeak: (kind) => this.#leaks(kind),
      }),
      media: { audio: false, video: false, screen: false },
      tracks: new Map(),
      stream: undefined,
      display: undefined,
      speaking: false,
      stay: undefined,
      acknowledged: -1,
      leaving: undefined,
    };
    this.#peers.set(address, peer);
    // Whoever comes hears nothing from before: they get the new secret, and never the one in use.
    this.#epochs.renew();
    this.#tellMedia(address);
    for (const [kind, track] of this.local.tracks) peer.link.send(kind, track);
    this.#share();
    onChange();
    return peer;
  }

  #drop(address: string): void {
    const peer = this.#peers.get(address);
    if (!peer) return;
    clearTimeout(peer.leaving);
    peer.link.close();
    this.#options.data.drop(address);
    this.#peers.delete(address);
    this.#options.frames.forget(address);
    this.#epochs.renewSoon();
    this.#share();
    this.#options.onChange();
  }

  #gotTrack(peer: Peer, kind: TrackKind, track: MediaStreamTrack): void {
    peer.tracks.set(kind, track);
    const of = (...kinds: TrackKind[]) => {
      const tracks = kinds.flatMap((one) => peer.tracks.get(one) ?? []);
      return tracks.length > 0 ? new MediaStream(tracks) : undefined;
    };
    if (kind === 'audio' || kind === 'video') peer.stream = of('audio', 'video');
    else peer.display = of('screen', 'screen-audio');
    this.#options.onChange();
  }

  #tellMedia(address: string): void {
    this.#options.send(address, { t: 'media', ...this.local.state });
  }

  /** Each peer's part of what we may send. */
  #share(): void {
    const peers = Math.max(1, this.#peers.size);
    // Each picture is encoded for each peer: small ones for many cost no more than a large one for one.
    for (const { link } of this.#peers.values()) link.limit(Math.floor(uplink / peers), peers > 1 ? 2 : 1);
  }

  /** Signals can be sent again: what may have been lost meanwhile is said again. */
  resume(): void {
    for (const [address, { link }] of this.#peers) {
      this.#tellMedia(address);
      link.resume();
    }
    this.#epochs.remind();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const looks = [...this.#peers.values()].map(({ link, media }) => link.look(media.audio || media.video));
    await Promise.all(looks).finally(() => {
      this.#looking = false;
    });
  }

  #leaks(kind: TrackKind): void {
    this.local.halt(kind);
    this.#options.onAlarm({ what: 'unsealed', track: kind });
  }

  #listen(): void {
    let changed = false;
    for (const peer of this.#peers.values()) {
      const receiver = peer.link.connection
        .getReceivers()
        .find(({ track }) => track === peer.tracks.get('audio'));
      const level = receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
      changed ||= peer.speaking !== level > speech;
      peer.speaking = level > speech;
    }
    if (changed) this.#options.onChange();
  }

  readonly #networkChanged = (): void => {
    for (const { link } of this.#peers.values()) link.restart();
  };

  #renewIce(): void {
    const life = this.#ice.expiresAt - Date.now();
    this.#renewing = setTimeout(
      () => inBackground(this.#askForIce(), 'renewing the relay of a call'),
      Math.max(10_000, life * renewAt),
    );
  }

  async #askForIce(): Promise<void> {
    const { session, room } = this.#options;
    try {
      this.#ice = await session.api('getIce', { query: { room } });
      for (const { link } of this.#peers.values()) link.useIce(this.#ice.iceServers);
    } finally {
      this.#renewIce();
    }
  }
}
