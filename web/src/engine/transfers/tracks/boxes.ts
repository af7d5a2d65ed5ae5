/** Reading what MP4 and QuickTime are made of (ISO/IEC 14496-12). */

export interface Box {
  readonly type: string;
  readonly content: DataView;
}

/** Ticks a second, of a header of a movie or of its media. */
export const timescaleOf = (box: Box | undefined): number =>
  box?.content.getUint32(box.content.getUint8(0) === 1 ? 20 : 12) || 1000;

/** The content of the first box at the end of a path. */
export function find(view: DataView, ...path: string[]): DataView | undefined {
  let found: DataView | undefined = view;
  for (const wanted of path)
    found = found && [...boxesOf(found)].find(({ type }) => type === wanted)?.content;
  return found;
}

/** The boxes in `view`, in turn, up to one that isn't whole. */
export function* boxesOf(view: DataView): Generator<Box> {
  for (let at = 0; at + 8 <= view.byteLength; ) {
    const size = view.getUint32(at) || view.byteLength - at;
    if (size < 8 || at + size > view.byteLength) return;
    yield {
      type: typeAt(view, at + 4),
      content: new DataView(view.buffer, view.byteOffset + at + 8, size - 8),
    };
    at += size;
  }
}

/** Four letters: what a box is called. */
export const typeAt = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
