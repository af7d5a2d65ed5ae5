import { find, timescaleOf } from '../transfers/tracks/boxes.ts';

/** What browsers take MP3 as. */
export const bareType = 'audio/mpeg';

export const isMp3 = (mime: string): boolean => /codecs="?(mp3|mp4a\.(6b|69))/i.test(mime);

/** Frames of a sound, one after the other, and when they are heard, in seconds. */
export interface Frames {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly from: number;
  readonly to: number;
}

/**
 * Takes MP3 out of the MP4 that it is sent in: by Media Source Extensions all browsers but Firefox want its frames alone, and those
 * tell no times.
 */
export class BareMp3 {
  #timescale = 1000;

  /** The frames of a segment as `tracks/mp4.ts` writes it; undefined for the initialisation segment. */
  take(segment: Uint8Array<ArrayBuffer>): Frames | undefined {
    const boxes = new DataView(segment.buffer, segment.byteOffset, segment.length);
    const header = find(boxes, 'moov', 'trak', 'mdia', 'mdhd');
    if (header) this.#timescale = timescaleOf({ type: 'mdhd', content: header });
    const time = find(boxes, 'moof', 'traf', 'tfdt');
    const run = find(boxes, 'moof', 'traf', 'trun');
    const media = find(boxes, 'mdat');
    if (!time || !run || !media) return undefined;
    const from = Number(time.getBigUint64(4)) / this.#timescale;
    // Duration, size, flags and offset of each.
    let ticks = 0;
    for (let i = 0; i < run.getUint32(4); i++) ticks += run.getUint32(12 + 16 * i);
    return {
      bytes: new Uint8Array(segment.buffer, media.byteOffset, media.byteLength),
      from,
      to: from + ticks / this.#timescale,
    };
  }
}
