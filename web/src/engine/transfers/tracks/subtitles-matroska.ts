import { type Cue, cueText } from './cue.ts';
import { vint, Window } from './ebml.ts';
import { noSubtitles, type Subtitles, type TextTrack } from './subtitles.ts';

/** Text tracks of Matroska (RFC 9559): SubRip, WebVTT, and the words of SSA and ASS. */

const id = {
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  codec: 0x86,
  language: 0x22b59c,
  languageBcp47: 0x22b59d,
  name: 0x536e,
  encodings: 0x6d80,
  encoding: 0x6240,
  compression: 0x5034,
  algorithm: 0x4254,
  stripped: 0x4255,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  blockGroup: 0xa0,
  block: 0xa1,
  blockDuration: 0x9b,
} as const;

const texts: Readonly<Record<string, (block: string) => string>> = {
  'S_TEXT/UTF8': cueText,
  'S_TEXT/WEBVTT': cueText,
  // Identifier and settings stand in two lines before the text.
  'D_WEBVTT/SUBTITLES': (block) => cueText(block.split('\n').slice(2).join('\n')),
  'S_TEXT/SSA': (block) => dialogue(block),
  'S_TEXT/ASS': (block) => dialogue(block),
};
/** The text comes after eight fields. */
const dialogue = (block: string) =>
  cueText(block.split(',').slice(8).join(',').replace(/\\N/gi, '\n').replaceAll('\\h', ' '));

/** Larger elements than these are no tracks, and no cues. */
const largestHeader = 4 * 2 ** 20;
const largestCue = 64 * 2 ** 10;

interface Found extends TextTrack {
  readonly number: number;
  readonly text: (block: string) => string;
  readonly unpack: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
}

export async function openMatroskaSubtitles(source: Blob): Promise<Subtitles> {
  const window = new Window(source);
  let [at, scale] = [0, 1_000_000];
  let found: Found[] = [];
  for (let element = await window.element(at); element; element = await window.element(at)) {
    at = element.content;
    if (element.id === id.segment) continue;
    if (element.id === id.cluster) break;
    const small = element.size <= largestHeader;
    if (element.id === id.info && small)
      scale = children(await window.bytes(at, element.size)).get(id.timestampScale)?.[0]?.number ?? scale;
    if (element.id === id.tracks && small)
      found = (children(await window.bytes(at, element.size)).get(id.trackEntry) ?? []).flatMap(
        (entry) => readTrack(entry.bytes) ?? [],
      );
    at += element.size;
  }
  if (found.length === 0) return noSubtitles;
  const from = at;
  return { tracks: found, cues: () => readCues(new Window(source), found, from, scale / 1e9) };
}

function readTrack(entry: Uint8Array<ArrayBuffer>): Found | undefined {
  const fields = children(entry);
  const field = (of: number) => fields.get(of)?.[0];
  const text = texts[field(id.codec)?.text ?? ''];
  const number = field(id.trackNumber)?.number;
  if (!text || number === undefined) return undefined;
  const unpack = unpacking(field(id.encodings)?.bytes);
  if (!unpack) return undefined;
  const name = field(id.name)?.text;
  const language = field(id.languageBcp47)?.text ?? field(id.language)?.text ?? 'eng';
  return { number, text, unpack, language, ...(name && { name: name.slice(0, 200) }) };
}

/** How blocks are unpacked; undefined for what isn't understood (encryption, several layers). */
function unpacking(encodings: Uint8Array<ArrayBuffer> | undefined): Found['unpack'] | undefined {
  if (!encodings) return async (bytes) => bytes;
  const [encoding, more] = children(encodings).get(id.encoding) ?? [];
  const compression = encoding && children(encoding.bytes).get(id.compression)?.[0];
  if (!compression || more) return undefined;
  const fields = children(compression.bytes);
  const algorithm = fields.get(id.algorithm)?.[0]?.number ?? 0;
  const stripped = fields.get(id.stripped)?.[0]?.bytes ?? new Uint8Array();
  if (algorithm === 3) return async (bytes) => Uint8Array.from([...stripped, ...bytes]);
  if (algorithm !== 0) return undefined;
  return async (bytes) => {
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Uint8Array(await new Response(plain).arrayBuffer());
  };
}

/** Walks over all clusters from `at` on, reading little more than the heads of what is no text. */
async function* readCues(
  window: Window,
  tracks: readonly Found[],
  at: number,
  scale: number,
): AsyncGenerator<Cue & { track: number }> {
  let cluster = 0;
  try {
    for (let element = await window.element(at); element; element = await window.element(at)) {
      at = element.content;
      if (element.id === id.cluster) continue;
      if (element.id === id.timestamp) cluster = numberOf(await window.bytes(at, element.size));
      if (element.id === id.blockGroup && element.size <= largestCue) {
        const inside = await window.element(at);
        const number = inside?.id === id.block ? (await window.number(inside.content))?.value : undefined;
        const track = tracks.findIndex((candidate) => candidate.number === number);
        if (track >= 0) {
          const cue = await readBlock(await window.bytes(at, element.size), tracks[track]!, cluster, scale);
          if (cue) yield { ...cue, track };
        }
      }
      at += element.size;
    }
  } catch {
    // Cut off in the middle: what came before stands.
  }
}

async function readBlock(
  group: Uint8Array<ArrayBuffer>,
  { text, unpack }: Found,
  cluster: number,
  scale: number,
): Promise<Cue | undefined> {
  const fields = children(group);
  const block = fields.get(id.block)?.[0]?.bytes;
  const duration = fields.get(id.blockDuration)?.[0]?.number;
  if (!block || !duration) return undefined;
  // Track number, relative time (i16), flags.
  const head = vint(block, 0, true)!.next;
  const time = new DataView(block.buffer, block.byteOffset).getInt16(head);
  const start = (cluster + time) * scale;
  const said = text(new TextDecoder().decode(await unpack(block.slice(head + 3))).replaceAll('\r', ''));
  return said ? { start, end: start + duration * scale, text: said } : undefined;
}

interface Field {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly number: number;
  readonly text: string;
}

/** The elements inside of an element, by id. */
function children(bytes: Uint8Array<ArrayBuffer>): Map<number, Field[]> {
  const found = new Map<number, Field[]>();
  for (let at = 0; at < bytes.length; ) {
    const kind = vint(bytes, at, false);
    const size = kind && vint(bytes, kind.next, true);
    if (!kind || !size || size.next + size.value > bytes.length) break;
    const content = bytes.subarray(size.next, size.next + size.value);
    const field = {
      bytes: content,
      get number() {
        return numberOf(content);
      },
      get text() {
        return new TextDecoder().decode(content).replaceAll('\0', '');
      },
    };
    found.set(kind.value, [...(found.get(kind.value) ?? []), field]);
    at = size.next + size.value;
  }
  return found;
}

const numberOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
