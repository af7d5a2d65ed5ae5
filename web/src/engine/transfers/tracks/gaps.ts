import { EncodedPacket } from 'mediabunny';
import type { TrackInfo } from './track.ts';

/** Seconds that may be missing without anybody noticing; and of a longer time than this nobody has recorded nothing. */
const unnoticed = 0.25;
const longest = 4 * 3600;
/** Seconds that a frame of sound lasts, at most: one that is said to last longer is followed by a gap. */
const longestFrame = 0.13;

/** What the tracks of one film have to know of each other. */
export interface Together {
  /** Where the film begins, and where it is said to end (0: that is not known), in seconds. */
  readonly from: number;
  readonly to: number;
  /** Tracks of which more is to come. */
  going: number;
}

/**
 * The packets of a track, with something where it has nothing: browsers play nothing until each track has something to play, and let
 * a sound run ahead of its picture by what is missing in it. A picture stands still until it begins; a sound is silent, where silence
 * can be written in its codec, also from its end until all the others end.
 */
export async function* withoutGaps(
  film: Together,
  info: TrackInfo,
  packets: AsyncIterable<EncodedPacket>,
): AsyncGenerator<EncodedPacket> {
  const { kind, first, start } = info;
  const silence = kind === 'audio' ? silenceFor(info) : undefined;
  if (kind === 'video' && isGap(start - film.from))
    yield first.clone({ timestamp: film.from, duration: start - film.from });
  let end = film.from;
  for await (const packet of packets) {
    if (silence && isGap(packet.timestamp - end)) {
      const { data, duration } = silence;
      // They end where the sound goes on.
      for (let left = Math.floor((packet.timestamp - end) / duration); left > 0; left--)
        yield new EncodedPacket(data, 'key', packet.timestamp - left * duration, duration);
    }
    end = packet.timestamp + Math.min(packet.duration, longestFrame);
    yield packet;
  }
  film.going--;
  if (!silence || !isGap(film.to - end)) return;
  const { data, duration } = silence;
  // One that was cut short ends before.
  for (; film.going > 0 && end < film.to; end += duration)
    yield new EncodedPacket(data, 'key', end, duration);
}

const isGap = (seconds: number): boolean => seconds > unnoticed && seconds < longest;

/** A frame in which nothing sounds, and its length in seconds; undefined where none is known. */
function silenceFor({ codec, config, first }: TrackInfo & { kind: 'audio' }) {
  const place = config.numberOfChannels - 1;
  if (codec === 'opus') return silentOpus[place] && { data: silentOpus[place], duration: 0.02 };
  const duration = 1024 / config.sampleRate;
  // With spectral band replication a frame makes twice as much sound.
  const known = Math.abs(first.duration / duration - 2) < 0.1 ? 2 * duration : duration;
  return codec === 'aac' && silentAac[place] ? { data: silentAac[place], duration: known } : undefined;
}

/** AAC-LC (ISO/IEC 14496-3, raw_data_block), by number of channels: a single channel element, a pair. */
const silentAac = [
  Uint8Array.of(0x00, 0xc8, 0x00, 0x80, 0x23, 0x80),
  Uint8Array.of(0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80),
];

/** 20 ms of Opus (RFC 6716, 3.1: CELT, fullband, one frame), by number of channels. */
const silentOpus = [Uint8Array.of(0xf8, 0xff, 0xfe), Uint8Array.of(0xfc, 0xff, 0xfe)];
