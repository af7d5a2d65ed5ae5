import {
  type AudioCodec,
  EncodedAudioPacketSource,
  type EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  type InputAudioTrack,
  type InputTrack,
  type InputVideoTrack,
  IsobmffOutputFormat,
  type Output,
  type VideoCodec,
  type VideoTrackMetadata,
} from 'mediabunny';

/** What a muxer needs to know of a track before its first packet. */
export type TrackInfo = {
  /** Ticks a second. */
  readonly timescale: number;
  /** The lowest presentation time, in seconds. */
  readonly start: number;
  /** The same where it is below zero (encoder delay), else 0. */
  readonly offset: number;
  readonly first: EncodedPacket;
  readonly language: string;
} & (
  | {
      readonly kind: 'video';
      readonly codec: VideoCodec;
      readonly config: VideoDecoderConfig;
      readonly metadata: VideoTrackMetadata;
    }
  | { readonly kind: 'audio'; readonly codec: AudioCodec; readonly config: AudioDecoderConfig }
);

/** Reads what is to be known of a track; undefined when it has no packets or its codec isn't understood. */
export async function readTrackInfo(track: InputTrack): Promise<TrackInfo | undefined> {
  const sink = new EncodedPacketSink(track);
  const first = await sink.getFirstPacket();
  if (!first) return undefined;
  const resolution = await track.getTimeResolution();
  const whole = Number.isInteger(resolution) && resolution >= 1000 && resolution <= 1_000_000;
  const start = await lowestTime(sink, first);
  const shared = {
    timescale: whole ? resolution : 1_000_000,
    start,
    offset: Math.min(0, start),
    first,
    language: await track.getLanguageCode(),
  };
  if (track.isVideoTrack()) {
    const codec = await track.getCodec();
    const config = await track.getDecoderConfig();
    if (!codec || !config) return undefined;
    return {
      ...shared,
      kind: 'video',
      codec,
      config,
      metadata: await videoMetadata(track),
    };
  }
  const audio = track as InputAudioTrack;
  const codec = await audio.getCodec();
  const config = await audio.getDecoderConfig();
  if (!codec || !config) return undefined;
  return { ...shared, timescale: config.sampleRate, kind: 'audio', codec, config };
}

/** Frames before the first in decode order may be shown before it. */
async function lowestTime(sink: EncodedPacketSink, first: EncodedPacket): Promise<number> {
  let lowest = first.timestamp;
  let packet: EncodedPacket | null = first;
  for (let i = 0; i < 17 && packet; i++) {
    lowest = Math.min(lowest, packet.timestamp);
    packet = await sink.getNextPacket(packet, { metadataOnly: true });
  }
  return lowest;
}

const videoMetadata = async (track: InputVideoTrack): Promise<VideoTrackMetadata> => ({
  transformationMatrix: await track.getTransformationMatrix(),
  hasOnlyKeyPackets: await track.hasOnlyKeyPackets(),
});

/** A track of an output. */
export interface AddedTrack {
  /** Adds a packet, in decode order; resolves when the muxer wants more. */
  add(packet: EncodedPacket): Promise<void>;
  /** No more packets will come: other tracks need not wait for this one. */
  close(): void;
}

/** Adds a track to an output that hasn't started. */
export function addTrack(output: Output, info: TrackInfo): AddedTrack {
  if (info.kind === 'video') {
    const source = new EncodedVideoPacketSource(info.codec);
    // The MP4 muxer takes its clock from this "frame rate": the source's own ticks survive exactly. Matroska has
    // milliseconds in any case, and would take it for the length of a frame.
    const clock = output.format instanceof IsobmffOutputFormat ? { frameRate: info.timescale } : {};
    output.addVideoTrack(source, { ...info.metadata, ...clock, languageCode: info.language });
    return {
      add: (packet) => source.add(packet, { decoderConfig: info.config }),
      close: () => source.close(),
    };
  }
  const source = new EncodedAudioPacketSource(info.codec);
  output.addAudioTrack(source, { languageCode: info.language });
  return { add: (packet) => source.add(packet, { decoderConfig: info.config }), close: () => source.close() };
}
