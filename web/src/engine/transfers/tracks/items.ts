import { TransferError } from '../errors.ts';

/**
 * Plaintext of the `tracks` layout: items of track (u8), length (u32, big endian), bytes. The first item of each
 * track is its initialisation segment, every other one a media segment; items are in order of their start times. An empty one of
 * track 255 is the last: what follows it is the source file itself.
 */
export interface Item {
  readonly track: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const headerSize = 5;
/** More than any sane fragment; what claims to be larger is refused before memory is spent on it. */
const maxItemSize = 64 * 2 ** 20;

const endTrack = 255;

/** What ends the items where something else follows. */
export const endOfItems = (): Uint8Array<ArrayBuffer> => itemHeader(endTrack, 0);

/** The header of an item whose bytes follow. */
export function itemHeader(track: number, length: number): Uint8Array<ArrayBuffer> {
  if (length > maxItemSize) throw new RangeError('an item is too large');
  const header = new Uint8Array(headerSize);
  header[0] = track;
  new DataView(header.buffer).setUint32(1, length);
  return header;
}

/** Bytes that an item takes with its header. */
export const itemSize = (item: Item): number => headerSize + item.bytes.length;

/** Items out of plaintext chunks of any size. Throws `TransferError('damaged')` for what isn't one, or an incomplete last. */
export async function* readItems(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Item> {
  const header = new Uint8Array(headerSize);
  let headerFilled = 0;
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length || (bytes && filled === bytes.length); ) {
      if (!bytes) {
        header[headerFilled++] = chunk[at++]!;
        if (headerFilled < headerSize) continue;
        const length = new DataView(header.buffer).getUint32(1);
        if (header[0] === endTrack) return;
        if (length > maxItemSize) throw new TransferError('damaged');
        bytes = new Uint8Array(length);
        filled = 0;
        headerFilled = 0;
      }
      const part = chunk.subarray(at, at + bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < bytes.length) continue;
      const item = { track: header[0]!, bytes };
      bytes = undefined;
      yield item;
    }
  }
  if (bytes || headerFilled > 0) throw new TransferError('damaged');
}
