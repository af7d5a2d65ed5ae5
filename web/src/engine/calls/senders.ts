import { isPicture, type TrackKind } from '../../../../protocol/call.ts';
import { inBackground } from '../background.ts';
import type { FrameCounts } from './frames.messages.ts';
import type { Frames } from './frames.ts';
import { framesAt, LeakWatch, sentFrames } from './watch.ts';

/** Codecs whose frames can be encrypted whole: H.264 needs its headers, AV1's packets are cut by what is in them. */
const videoCodecs = new Set(['video/vp8', 'video/vp9', 'video/rtx']);

/** What is sent as one kind. */
interface Sending {
  readonly transceiver: RTCRtpTransceiver;
  /** Its number with the worker that encrypts. */
  readonly end: number;
  readonly leak: LeakWatch;
}

/** What one connection sends, each kind in a media section of its own: sealed, within limits, and watched for what leaves in clear. */
export class Senders {
  readonly #connection: RTCPeerConnection;
  readonly #frames: Frames;
  readonly #sending = new Map<TrackKind, Sending>();

  constructor(connection: RTCPeerConnection, frames: Frames) {
    this.#connection = connection;
    this.#frames = frames;
  }

  /** Sends `track` as `kind`; null for nothing, with the section kept for later. */
  put(kind: TrackKind, track: MediaStreamTrack | null): void {
    const present = this.#sending.get(kind);
    if (present) {
      inBackground(present.transceiver.sender.replaceTrack(track), 'changing what is sent');
      return;
    }
    if (!track) return;
    const transceiver = this.#connection.addTransceiver(track, { direction: 'sendonly' });
    const end = this.#frames.seal(transceiver.sender, kind);
    if (track.kind === 'video') preferCodecs(transceiver);
    this.#sending.set(kind, { transceiver, end, leak: new LeakWatch() });
  }

  /** The most that each video may take: bits a second, and how many times smaller than the camera's picture it is. */
  limit(bitsPerSecond: number, smaller: number): void {
    for (const [kind, { transceiver }] of this.#sending) {
      if (!isPicture(kind)) continue;
      const { sender } = transceiver;
      const parameters = sender.getParameters();
      if (parameters.encodings.length === 0) continue;
      for (const encoding of parameters.encodings) {
        encoding.maxBitrate = bitsPerSecond;
        if (kind === 'video') encoding.scaleResolutionDownBy = smaller;
      }
      inBackground(sender.setParameters(parameters), 'limiting what is sent');
    }
  }

  /** Which kind each media section carries, by its `mid`; those that have none yet are left out. */
  get tracks(): Record<string, TrackKind> {
    const tracks: Record<string, TrackKind> = {};
    for (const [kind, { transceiver }] of this.#sending)
      if (transceiver.mid !== null) tracks[transceiver.mid] = kind;
    return tracks;
  }

  /** The kinds that leave without having been encrypted, by `stats` from before the counting. */
  leaks(counts: FrameCounts, stats: RTCStatsReport): TrackKind[] {
    const sent = sentFrames(stats);
    return [...this.#sending].flatMap(([kind, { transceiver, end, leak }]) =>
      leak.look(sent.get(transceiver.mid ?? '') ?? 0, framesAt(counts, end)) ? [kind] : [],
    );
  }
}

function preferCodecs(transceiver: RTCRtpTransceiver): void {
  const offered = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
  transceiver.setCodecPreferences(offered.filter(({ mimeType }) => videoCodecs.has(mimeType.toLowerCase())));
}
