import { boxesOf, find, timescaleOf, typeAt } from './boxes.ts';
import { type Cue, cueText, plainCueText } from './cue.ts';
import { noSubtitles, type Subtitles, type TextTrack } from './subtitles.ts';

/** Text tracks of MP4 and QuickTime (ISO/IEC 14496-12): 3GPP Timed Text (`tx3g`, `text`) and WebVTT (`wvtt`). */

/** An index larger than this isn't read for its texts. */
const largestIndex = 64 * 2 ** 20;
const largestSample = 64 * 2 ** 10;
const mostCues = 20_000;

interface Sample {
  readonly offset: number;
  readonly size: number;
  readonly start: number;
  readonly end: number;
}

export async function openMp4Subtitles(source: Blob): Promise<Subtitles> {
  const movie = await readMovie(source);
  if (!movie) return noSubtitles;
  const boxes = [...boxesOf(movie)];
  const movieScale = timescaleOf(boxes.find(({ type }) => type === 'mvhd'));
  const found = boxes
    .filter(({ type }) => type === 'trak')
    .flatMap(({ content }) => readTrack(content, movieScale) ?? []);
  return {
    tracks: found.map(({ track }) => track),
    async *cues() {
      const all: (Cue & { track: number })[] = [];
      for (const [track, { samples, format }] of found.entries())
        for (const sample of samples.slice(0, mostCues)) {
          if (sample.size < 3 || sample.size > largestSample || sample.end <= sample.start) continue;
          // The file was cut short.
          if (sample.offset + sample.size > source.size) continue;
          const bytes = await source.slice(sample.offset, sample.offset + sample.size).arrayBuffer();
          const text = format === 'wvtt' ? webVttOf(new DataView(bytes)) : timedTextOf(new DataView(bytes));
          if (text) all.push({ start: sample.start, end: sample.end, text, track });
        }
      yield* all.sort((a, b) => a.start - b.start);
    },
  };
}

/** The `moov` box, wherever it stands. */
async function readMovie(source: Blob): Promise<DataView | undefined> {
  for (let at = 0; at + 8 <= source.size; ) {
    const head = new DataView(await source.slice(at, at + 16).arrayBuffer());
    const long = head.getUint32(0) === 1 && head.byteLength === 16;
    const size = long ? Number(head.getBigUint64(8)) : head.getUint32(0) || source.size - at;
    if (typeAt(head, 4) === 'moov' && size <= largestIndex)
      return new DataView(await source.slice(at + (long ? 16 : 8), at + size).arrayBuffer());
    at += Math.max(8, size);
  }
  return undefined;
}

function readTrack(
  trak: DataView,
  movieScale: number,
): { track: TextTrack; format: string; samples: Sample[] } | undefined {
  const media = find(trak, 'mdia');
  const header = media && find(media, 'mdhd');
  const table = media && find(media, 'minf', 'stbl');
  const description = table && find(table, 'stsd');
  if (!header || !table || !description || description.byteLength < 16) return undefined;
  const format = typeAt(description, 12);
  if (format !== 'tx3g' && format !== 'text' && format !== 'wvtt') return undefined;
  const scale = timescaleOf({ type: 'mdhd', content: header });
  const shift = shiftOf(find(trak, 'edts', 'elst'), movieScale, scale);
  const name = find(trak, 'udta', 'name');
  const title = name && new TextDecoder().decode(name).replaceAll('\0', '').trim().slice(0, 200);
  return {
    track: { language: languageOf(header), ...(title && { name: title }) },
    format,
    samples: samplesOf(table, scale, shift),
  };
}

/** Where each sample lies and when it is shown, by `stts`, `stsz`, `stsc` and `stco`. */
function samplesOf(table: DataView, scale: number, shift: number): Sample[] {
  const [times, sizes, chunks] = ['stts', 'stsz', 'stsc'].map((type) => find(table, type));
  const offsets = find(table, 'stco') ?? find(table, 'co64');
  if (!times || !sizes || !chunks || !offsets) return [];
  const long = find(table, 'stco') === undefined;
  const fixed = sizes.getUint32(4);
  const count = sizes.getUint32(8);
  const samples: Sample[] = [];
  let [run, left, time, entry] = [0, 0, shift, 0];
  for (let chunk = 0; chunk < offsets.getUint32(4) && samples.length < count; chunk++) {
    let offset = long ? Number(offsets.getBigUint64(8 + 8 * chunk)) : offsets.getUint32(8 + 4 * chunk);
    while (entry + 1 < chunks.getUint32(4) && chunks.getUint32(8 + 12 * (entry + 1)) <= chunk + 1) entry++;
    for (let i = chunks.getUint32(12 + 12 * entry); i > 0 && samples.length < count; i--) {
      if (left === 0) left = times.getUint32(8 + 8 * run++);
      left--;
      const end = time + times.getUint32(4 + 8 * run) / scale;
      const size = fixed || sizes.getUint32(12 + 4 * samples.length);
      samples.push({ offset, size, start: time, end });
      offset += size;
      time = end;
    }
  }
  return samples;
}

/** Seconds that an edit list moves a track by: an empty edit first, then where its media begins. */
function shiftOf(list: DataView | undefined, movieScale: number, scale: number): number {
  if (list?.getUint8(0) !== 0) return 0;
  let shift = 0;
  for (let i = 0; i < list.getUint32(4); i++) {
    const begins = list.getInt32(12 + 12 * i);
    if (begins >= 0) return shift - begins / scale;
    shift += list.getUint32(8 + 12 * i) / movieScale;
  }
  return shift;
}

/** 3GPP TS 26.245: length (u16), then UTF-8 or UTF-16 with a byte order mark; what follows is its looks. */
function timedTextOf(sample: DataView): string {
  const length = Math.min(sample.getUint16(0), sample.byteLength - 2);
  const bytes = new Uint8Array(sample.buffer, sample.byteOffset + 2, length);
  const order = length >= 2 ? sample.getUint16(2) : 0;
  const encoding = order === 0xfeff ? 'utf-16be' : order === 0xfffe ? 'utf-16le' : 'utf-8';
  return plainCueText(new TextDecoder(encoding).decode(bytes));
}

/** ISO/IEC 14496-30: cues with a payload each, shown together. */
const webVttOf = (sample: DataView): string =>
  [...boxesOf(sample)]
    .flatMap(({ type, content }) => (type === 'vttc' ? (find(content, 'payl') ?? []) : []))
    .map((payload) => cueText(new TextDecoder().decode(payload)))
    .join('\n');

/** Three letters of five bits each. */
function languageOf(header: DataView): string {
  const packed = header.getUint16(header.getUint8(0) === 1 ? 32 : 20);
  const letters = [10, 5, 0].map((bit) => ((packed >> bit) & 31) + 0x60);
  return letters.every((letter) => letter > 0x60 && letter < 0x7b) ? String.fromCharCode(...letters) : 'und';
}
