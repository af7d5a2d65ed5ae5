/** Types of items that hold what a camera or a program wrote besides the picture: Exif, and XMP as a `mime` item. */
const told = new Set(['Exif', 'mime']);

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A HEIF picture (ISO/IEC 23008-12: HEIC of phones) without what its camera wrote into it: those items are emptied where they lie, so
 * that nothing else moves; its way up and its colours are elsewhere. Undefined where its boxes aren't as they should be. Throws RangeError
 * where it ends in the middle of something.
 */
export function cleanHeif(bytes: Uint8Array): { readonly bytes: Uint8Array<ArrayBuffer> } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || textAt(view, 4) !== 'ftyp') return undefined;
  const meta = boxes(view, 0, view.byteLength).find(({ type }) => type === 'meta');
  if (!meta) return undefined;
  const inside = boxes(view, meta.start + 4, meta.end);
  const [infos, places] = ['iinf', 'iloc'].map((name) => inside.find(({ type }) => type === name));
  if (!infos || !places) return undefined;
  const items = itemsTold(view, infos);
  const idat = inside.find(({ type }) => type === 'idat');
  const clean = bytes.slice();
  for (const { item, method, offset, length } of extents(view, places)) {
    if (!items.has(item)) continue;
    const from = method === 0 ? offset : method === 1 && idat ? idat.start + offset : undefined;
    if (from === undefined) return undefined;
    // To the end of the file, where no length is told.
    const to = length === 0 ? bytes.length : from + length;
    if (to > bytes.length) throw new RangeError('an item lies beyond the end');
    clean.fill(0, from, to);
    if (items.get(item) === 'Exif') clean.set(emptyExif.subarray(0, to - from), from);
    else clean.fill(0x20, from, to);
  }
  return { bytes: clean };
}

/** Where its TIFF begins, and that with no entries. */
const emptyExif = Uint8Array.of(0, 0, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0);

function boxes(view: DataView, from: number, end: number): Box[] {
  const found: Box[] = [];
  for (let at = from; at + 8 <= end; ) {
    const short = view.getUint32(at);
    const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short || end - at;
    const head = short === 1 ? 16 : 8;
    if (size < head || at + size > end) throw new RangeError('a box is longer than what it lies in');
    found.push({ type: textAt(view, at + 4), start: at + head, end: at + size });
    at += size;
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
