import type { CleanPicture } from './clean.ts';

/** Types of items that hold what a camera or a program wrote besides the picture: Exif, and XMP as a `mime` item. */
const told = new Set(['Exif', 'mime']);

interface Box {
  readonly type: string;
  readonly at: number;
  /** Of its content. */
  readonly start: number;
  readonly end: number;
}

/** Bytes of the file. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * A HEIF picture (ISO/IEC 23008-12: HEIC of phones) without what its camera wrote into it: those items are emptied where they lie, so
 * that nothing else moves, and so is what stands beside the picture (its film, notes of its maker); its way up and its colours are
 * elsewhere. Undefined where its boxes aren't as they should be. Throws RangeError where it ends before it has told where its parts lie.
 */
export function cleanHeif(bytes: Uint8Array): CleanPicture | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || textAt(view, 4) !== 'ftyp') return undefined;
  const outer = outerBoxes(view);
  const meta = outer.find(({ type }) => type === 'meta');
  if (!meta) return undefined;
  const inside = boxes(view, meta.start + 4, meta.end);
  const [infos, places] = ['iinf', 'iloc'].map((name) => inside.find(({ type }) => type === name));
  if (!infos || !places) return undefined;
  const items = itemsTold(view, infos);
  const idat = inside.find(({ type }) => type === 'idat');
  const clean = bytes.slice();
  const seen: Range[] = [];
  let cut = false;
  for (const { item, method, offset, length } of extents(view, places)) {
    const type = items.get(item);
    const area = method === 0 ? { start: 0, end: bytes.length } : method === 1 ? idat : undefined;
    if (!area && type) return undefined;
    if (!area) continue;
    const from = area.start + offset;
    // To the end of what it lies in, where no length is told.
    const to = length === 0 ? area.end : Math.min(from + length, area.end);
    cut ||= from + length > area.end;
    if (!type) seen.push({ from, to });
    else emptyItem(clean, type, { from, to });
  }
  emptyBeside(
    clean,
    outer.filter((box) => box !== meta),
    seen,
  );
  return { bytes: clean, cut };
}

function emptyItem(clean: Uint8Array, type: string, { from, to }: Range): void {
  const exif = type === 'Exif';
  clean.fill(exif ? 0 : 0x20, from, to);
  if (exif && from < to) clean.set(emptyExif.subarray(0, to - from), from);
}

/** A box that the picture has no part in may hold a film or a place. */
function emptyBeside(clean: Uint8Array, outer: readonly Box[], seen: readonly Range[]): void {
  for (const { type, at, start, end } of outer) {
    if (type === 'ftyp' || type === 'mdat' || seen.some(({ from, to }) => from < end && to > start)) continue;
    clean.fill(0, start, end);
    if (end - at >= 8) clean.set(free, at + 4);
  }
}

/** Type of a box that holds nothing. */
const free = Uint8Array.of(0x66, 0x72, 0x65, 0x65);

/** Where its TIFF begins, and that with no entries. */
const emptyExif = Uint8Array.of(0, 0, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0);

/** Undefined where it is longer than what it lies in, or is none. */
function boxAt(view: DataView, at: number, end: number): Box | undefined {
  const short = at + 8 <= end ? view.getUint32(at) : 0;
  const head = short === 1 ? 16 : 8;
  if (at + head > end) return undefined;
  const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short || end - at;
  if (size < head || at + size > end) return undefined;
  return { type: textAt(view, at + 4), at, start: at + head, end: at + size };
}

function boxes(view: DataView, from: number, end: number): Box[] {
  const found: Box[] = [];
  for (let at = from; at + 8 <= end; ) {
    const box = boxAt(view, at, end);
    if (!box) throw new RangeError('a box is longer than what it lies in');
    found.push(box);
    at = box.end;
  }
  return found;
}

/** Those of the file itself. What is none ends them: pictures that are cut short, or what a program has put behind. */
function outerBoxes(view: DataView): Box[] {
  const found: Box[] = [];
  const end = view.byteLength;
  for (let at = 0; at < end; ) {
    const box = boxAt(view, at, end);
    if (!box && !found.some(({ type }) => type === 'meta')) throw new RangeError('it ends before its index');
    const cutShort = !box && at + 8 <= end && textAt(view, at + 4) === 'mdat';
    found.push(box ?? { type: cutShort ? 'mdat' : '', at, start: at, end });
    at = box?.end ?? end;
  }
  return found;
}

const textAt = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));

/** Items that tell of the camera, by number, with their type. */
function itemsTold(view: DataView, { start, end }: Box): Map<number, string> {
  const items = new Map<number, string>();
  const count = view.getUint8(start) === 0 ? 2 : 4;
  for (const entry of boxes(view, start + 4 + count, end)) {
    const version = view.getUint8(entry.start);
    if (entry.type !== 'infe' || version < 2) continue;
    const wide = version > 2;
    const type = textAt(view, entry.start + (wide ? 10 : 8));
    const id = wide ? view.getUint32(entry.start + 4) : view.getUint16(entry.start + 4);
    if (told.has(type)) items.set(id, type);
  }
  return items;
}

/** Where the bytes of each item lie (`iloc`); `method` 0: in the file, 1: in the box `idat`, 2: in another item. */
function* extents(view: DataView, { start }: Box) {
  const version = view.getUint8(start);
  let at = start + 4;
  /** The next number of so many bytes; none is 0. */
  const next = (size: number): number => {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + view.getUint8(at++);
    return value;
  };
  const [sizes, more] = [next(1), next(1)];
  const [offsetSize, lengthSize, baseSize] = [sizes >> 4, sizes & 15, more >> 4];
  const indexSize = version > 0 ? more & 15 : 0;
  for (let count = next(version < 2 ? 2 : 4); count > 0; count--) {
    const item = next(version < 2 ? 2 : 4);
    const method = version > 0 ? next(2) & 15 : 0;
    // Of another file, which there is none of.
    next(2);
    const base = next(baseSize);
    for (let parts = next(2); parts > 0; parts--) {
      next(indexSize);
      const offset = base + next(offsetSize);
      yield { item, method, offset, length: next(lengthSize) };
    }
  }
}
