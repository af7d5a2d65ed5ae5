import { Mp4OutputFormat, NullTarget, Output } from 'mediabunny';
import { concat, utf8 } from '../../../../../protocol/bytes.ts';
import type { Fragment } from './fragments.ts';
import { addTrack, type TrackInfo } from './track.ts';

/**
 * Fragmented MP4 of one track (ISO/IEC 14496-12). mediabunny writes the initialisation segment; the fragments are
 * written here, because it cuts at key frames only.
 */

/** `ftyp` and `moov` of a track: the same bytes whenever they are made, so that an upload can be gone on with. */
export async function mp4Init(info: TrackInfo): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const keep = (data: Uint8Array) => void parts.push(concat(data));
  const format = new Mp4OutputFormat({ fastStart: 'fragmented', onFtyp: keep, onMoov: keep });
  const output = new Output({ format, target: new NullTarget() });
  const track = addTrack(output, info);
  await output.start();
  // The edit list that takes times before zero comes from the first packet's time.
  await track.add(info.first.clone({ type: 'key', timestamp: info.offset }));
  await output.finalize();
  const init = concat(...parts);
  withoutDates(init, 0, init.length);
  return init;
}

const datedBoxes = new Set(['mvhd', 'tkhd', 'mdhd']);
const parentBoxes = new Set(['moov', 'trak', 'mdia']);

/** Sets the dates at which a movie, its tracks and their media were made and changed to 0, "not told". */
function withoutDates(bytes: Uint8Array, from: number, to: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = at + 8;
    // Version 1 has dates of 64 bits.
    if (datedBoxes.has(type)) bytes.fill(0, content + 4, content + 4 + (bytes[content] === 1 ? 16 : 8));
    if (parentBoxes.has(type)) withoutDates(bytes, content, at + size);
    at += Math.max(8, size);
  }
}

/** `moof` and `mdat` of a fragment, in parts: the samples' bytes aren't copied. `sequence` counts from 1. */
export function mp4Fragment(info: TrackInfo, sequence: number, fragment: Fragment): Uint8Array[] {
  const ticks = (seconds: number) => Math.round((seconds - info.offset) * info.timescale);
  const { samples } = fragment;
  const run = new Uint8Array(8 + 16 * samples.length);
  const view = new DataView(run.buffer);
  view.setUint32(0, samples.length);
  let bytes = 0;
  samples.forEach((sample, i) => {
    const at = 8 + 16 * i;
    view.setUint32(at, ticks(sample.next) - ticks(sample.decode));
    view.setUint32(at + 4, sample.data.length);
    view.setUint32(at + 8, sample.key ? independentSample : dependentSample);
    view.setInt32(at + 12, ticks(sample.presentation) - ticks(sample.decode));
    bytes += sample.data.length;
  });
  const movieFragment = (dataOffset: number) => {
    view.setUint32(4, dataOffset);
    return box(
      'moof',
      fullBox('mfhd', 0, 0, u32(sequence)),
      box(
        'traf',
        fullBox('tfhd', 0, 0x020000 /* default-base-is-moof */, u32(1)),
        fullBox('tfdt', 1, 0, u64(ticks(samples[0]!.decode))),
        // Data offset, then duration, size, flags and signed composition offset of each sample.
        fullBox('trun', 1, 0x000f01, run),
      ),
    );
  };
  const moof = movieFragment(movieFragment(0).length + 8);
  return [moof, concat(u32(bytes + 8), utf8('mdat')), ...samples.map((sample) => sample.data)];
}

const independentSample = 0x02000000;
const dependentSample = 0x01010000;

const u32 = (value: number) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};
const u64 = (value: number) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
};
const box = (type: string, ...content: Uint8Array[]) => {
  const body = concat(...content);
  return concat(u32(body.length + 8), utf8(type), body);
};
const fullBox = (type: string, version: number, flags: number, ...content: Uint8Array[]) =>
  box(type, u32((version << 24) | flags), ...content);
