import { EncodedPacketSink, type InputTrack } from 'mediabunny';
import { typeAt } from './boxes.ts';
import { Window } from './ebml.ts';
import { vint8 } from './webm.ts';

/** What is left of a film that was cut short: a copy that was broken off, a recorder that ran out of power. */

const id = { ebml: 0x1a45dfa3, segment: 0x18538067, cluster: 0x1f43b675 } as const;
const clusterMark = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75);
/** What a cluster consists of (RFC 9559, section 5.1.3), and what a checksum or padding is. */
const ofCluster = new Set([0xe7, 0xa3, 0xa0, 0xa7, 0xab, 0xaf, 0xbf, 0xec, 0x5854]);
const windowSize = 2 ** 20;
/** Bytes before the end in which its last cluster begins, at the latest. */
const mostTail = 64 * 2 ** 20;

/** A file to read in place of another; `cut`: something is missing at its end. */
export interface Mended {
  readonly file: Blob;
  readonly cut: boolean;
}

/**
 * A Matroska or WebM file as it would be, had it ended with its last whole block: parsers take clusters as a whole, and would lose all
 * of the last one. Any other file, and one that is whole, comes back itself.
 */
export async function mendMatroska(file: Blob): Promise<Mended> {
  const window = new Window(file);
  const head = await window.element(0);
  const segment = head?.id === id.ebml ? await window.element(head.content + head.size) : undefined;
  if (segment?.id !== id.segment) return { file, cut: false };
  // A size that isn't told is 0: it was recorded, or streamed.
  const told = segment.content + segment.size;
  if (segment.size > 0 && told <= file.size) return { file, cut: false };
  const short = { file, cut: told > file.size };
  for (let end = file.size; end > Math.max(segment.content, file.size - mostTail); end -= windowSize) {
    const from = Math.max(segment.content, end - windowSize);
    // One that begins at the edge of a piece is seen as well.
    const bytes = new Uint8Array(await file.slice(from, end + clusterMark.length - 1).arrayBuffer());
    for (let at = lastMark(bytes, bytes.length); at >= 0; at = lastMark(bytes, at)) {
      const cluster = await lookInto(window, from + at, file.size);
      if (cluster === 'none') continue;
      if (cluster === 'whole') return short;
      const { content, blocks } = cluster;
      const mark = blocks > content ? [clusterMark, vint8(blocks - content)] : [];
      return { file: new Blob([file.slice(0, from + at), ...mark, file.slice(content, blocks)]), cut: true };
    }
  }
  return short;
}

function lastMark(bytes: Uint8Array, before: number): number {
  let at = Math.min(before, bytes.length - clusterMark.length + 1) - 1;
  while (at >= 0 && !clusterMark.every((byte, i) => bytes[at + i] === byte)) at--;
  return at;
}

/** Where the content of the cluster at `at` begins, and where its last whole block ends in a file of `size`; `none`: it only looked like one. */
async function lookInto(
  window: Window,
  at: number,
  size: number,
): Promise<{ readonly content: number; readonly blocks: number } | 'whole' | 'none'> {
  const cluster = await window.element(at);
  if (!cluster) return { content: at, blocks: at };
  const { content } = cluster;
  if (cluster.size > 0 && content + cluster.size <= size) return 'whole';
  for (let blocks = content; ; ) {
    const child = await window.element(blocks);
    if (!child) return blocks === size && cluster.size === 0 ? 'whole' : { content, blocks };
    // What comes after a cluster of a size that isn't told, or what is no cluster.
    if (!ofCluster.has(child.id)) return blocks > content && cluster.size === 0 ? 'whole' : 'none';
    const next = child.content + child.size;
    if (next > size) return { content, blocks };
    blocks = next;
  }
}

/** Whether an MP4 or QuickTime file has lost its index (`moov`), or has only a part of it: what cameras write last. */
export async function lacksIndex(file: Blob): Promise<boolean> {
  let media = false;
  for (let at = 0; at + 8 <= file.size; ) {
    const head = new DataView(await file.slice(at, at + 16).arrayBuffer());
    const type = typeAt(head, 4);
    if (at === 0 && !/^(ftyp|wide|mdat|moov|free|skip)$/.test(type)) return false;
    const long = head.getUint32(0) === 1 && head.byteLength === 16;
    const size = long ? Number(head.getBigUint64(8)) : head.getUint32(0) || file.size - at;
    if (type === 'moov') return at + size > file.size;
    // Pictures (HEIC, AVIF) are boxes too, and have another kind of index.
    if (type === 'meta') return false;
    media ||= type === 'mdat' || type === 'ftyp';
    at += Math.max(8, size);
  }
  return media;
}

/**
 * Seconds up to which packets of a track are there, all of them before included; `cut`: its index tells of more. MP4 and QuickTime
 * say beforehand where each one lies.
 */
export async function reachOf(track: InputTrack): Promise<{ readonly end: number; readonly cut: boolean }> {
  const sink = new EncodedPacketSink(track);
  const last = await sink.getPacket(Number.POSITIVE_INFINITY, { metadataOnly: true });
  if (!last) return { end: 0, cut: false };
  const end = last.timestamp + last.duration;
  // One that isn't wholly there is none.
  const there = (seconds: number) => sink.getPacket(seconds);
  if (await there(Number.POSITIVE_INFINITY)) return { end, cut: false };
  let [low, high] = [0, end];
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    const packet = await there(middle);
    if (packet) low = Math.max(middle, packet.timestamp + packet.duration);
    else high = middle;
  }
  return { end: Math.min(low, end), cut: true };
}
