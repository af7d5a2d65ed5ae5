import type { MediaState, TrackKind } from '../../../../protocol/call.ts';
import type { FrameCounts } from './frames.messages.ts';
import type { Link } from './link.ts';

/** By which way frames come: directly, or by the SFU. */
export type Way = 'mesh' | 'sfu';

/** Something that comes of a peer. */
export interface Incoming {
  readonly track: MediaStreamTrack;
  readonly receiver: RTCRtpReceiver;
  /** Its number with the worker that opens its frames. */
  readonly end: number;
}

/** From which level on (0 to 1) somebody speaks. */
const speech = 0.02;

/** How long somebody whom the room doesn't name any more, and who isn't connected, is waited for, in milliseconds. */
const patience = 8_000;

/** Somebody else's device in the call. */
export class Peer {
  /** The direct connection, while there is one. */
  link: Link | undefined;
  media: MediaState = { audio: false, video: false, screen: false };
  speaking = false;
  /** Its present stay, by its keys. */
  stay: string | undefined;
  /** The newest of our epochs that it has acknowledged. */
  acknowledged = -1;
  /** From where we take what it sends, and from where it takes what we send. */
  takes: Way;
  gives: Way;
  /** Camera and microphone. */
  stream: MediaStream | undefined;
  display: MediaStream | undefined;
  /** Runs while the room doesn't name it. */
  #missing: ReturnType<typeof setInterval> | undefined;
  readonly #incoming = { mesh: new Map<TrackKind, Incoming>(), sfu: new Map<TrackKind, Incoming>() };

  constructor(way: Way) {
    this.takes = way;
    this.gives = way;
  }

  /** The room names it, or it is of no more concern. */
  isNamed(): void {
    clearInterval(this.#missing);
    this.#missing = undefined;
  }

  /** The room doesn't name it: it may be connected all the same, and has gone (`onGone`) when it is not, at two looks in a row. */
  isMissed(isConnected: () => boolean, onGone: () => void): void {
    let wasConnected = true;
    this.#missing ??= setInterval(() => {
      const is = isConnected();
      if (!is && !wasConnected) onGone();
      wasConnected = is;
    }, patience / 2);
  }

  put(way: Way, kind: TrackKind, incoming: Incoming): void {
    this.#incoming[way].set(kind, incoming);
    if (way === this.takes) this.#compose();
  }

  remove(way: Way, kind: TrackKind): void {
    if (this.#incoming[way].delete(kind) && way === this.takes) this.#compose();
  }

  /** Ends the direct connection, and what came by it. */
  unlink(): void {
    this.link?.close();
    this.link = undefined;
    this.#incoming.mesh.clear();
  }

  /** Nothing comes by the SFU any more. */
  clearSfu(): void {
    this.#incoming.sfu.clear();
    if (this.takes === 'sfu') this.#compose();
  }

  /** Whether frames of all that it has on have opened that came by `way`. */
  flows(way: Way, counts: FrameCounts): boolean {
    const { audio, video, screen } = this.media;
    const wanted: TrackKind[] = [...(audio ? ['audio' as const] : []), ...(video ? ['video' as const] : [])];
    if (screen) wanted.push('screen');
    return wanted.every((kind) => {
      const incoming = this.#incoming[way].get(kind);
      return incoming !== undefined && (counts.get(incoming.end)?.passed ?? 0) > 0;
    });
  }

  take(way: Way): void {
    this.takes = way;
    this.#compose();
  }

  /** Looks whether it speaks; answers whether that is another thing than before. */
  listen(): boolean {
    const receiver = this.#incoming[this.takes].get('audio')?.receiver;
    const level = receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
    const was = this.speaking;
    this.speaking = level > speech;
    return was !== this.speaking;
  }

  #compose(): void {
    const of = (...kinds: TrackKind[]) => {
      const tracks = kinds.flatMap((kind) => this.#incoming[this.takes].get(kind)?.track ?? []);
      return tracks.length > 0 ? new MediaStream(tracks) : undefined;
    };
    this.stream = of('audio', 'video');
    this.display = of('screen', 'screen-audio');
  }
}
