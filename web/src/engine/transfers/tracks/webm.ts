import { NullTarget, Output, WebMOutputFormat } from 'mediabunny';
import { concat } from '../../../../../protocol/bytes.ts';
import type { Fragment } from './fragments.ts';
import { addTrack, type TrackInfo } from './track.ts';

/** WebM of one track, for the codecs that browsers take nowhere else (VP8, Vorbis): RFC 9559, clusters of known size. */

/** EBML header, segment header, information and track. */
export async function webmInit(info: TrackInfo): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const keep = (data: Uint8Array) => void parts.push(concat(data));
  const format = new WebMOutputFormat({ appendOnly: true, onEbmlHeader: keep, onSegmentHeader: keep });
  const output = new Output({ format, target: new NullTarget() });
  const track = addTrack(output, info);
  await output.start();
  await track.add(info.first.clone({ type: 'key', timestamp: 0 }));
  await output.finalize();
  return concat(...parts);
}

/** A cluster with a SimpleBlock for each sample, in parts: the samples' bytes aren't copied. */
export function webmCluster(fragment: Fragment): Uint8Array[] {
  const milliseconds = (seconds: number) => Math.max(0, Math.round(seconds * 1000));
  const start = milliseconds(fragment.start);
  const timestamp = concat(Uint8Array.of(0xe7, 0x88), u64(start));
  const blocks = fragment.samples.flatMap((sample) => {
    const header = new Uint8Array(4);
    header[0] = 0x81;
    new DataView(header.buffer).setInt16(1, milliseconds(sample.presentation) - start);
    header[3] = sample.key ? 0x80 : 0;
    return [concat(Uint8Array.of(0xa3), vint8(4 + sample.data.length), header), sample.data];
  });
  const size = blocks.reduce((sum, part) => sum + part.length, timestamp.length);
  return [concat(Uint8Array.of(0x1f, 0x43, 0xb6, 0x75), vint8(size), timestamp), ...blocks];
}

const u64 = (value: number) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
};
/** An element size in its eight-byte form. */
export const vint8 = (value: number) => {
  const bytes = u64(value);
  bytes[0] = 0x01;
  return bytes;
};
