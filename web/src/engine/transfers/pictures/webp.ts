import { concat } from '../../../../../protocol/bytes.ts';
import type { CleanPicture } from './clean.ts';
import { orientationOf, orientationTiff } from './exif.ts';

const exifFlag = 0x08;
const xmpFlag = 0x04;

/**
 * A WebP of the extended form (RFC 9649) without XMP, and of its EXIF with the way up alone. The simple forms hold nothing but the
 * picture. `cut` where its end is missing; undefined for what is no WebP, or has nothing to drop.
 */
export function cleanWebp(bytes: Uint8Array): CleanPicture | 'cut' | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 30 || name(0) !== 'RIFF' || name(8) !== 'WEBP') return undefined;
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) return 'cut';
  if (name(12) !== 'VP8X') return undefined;
  const uint24 = (at: number) => view.getUint16(at, true) | (bytes[at + 2]! << 16);
  const kept: Uint8Array[] = [];
  let orientation = 1;
  for (let at = 12; at + 8 <= end; ) {
    const size = view.getUint32(at + 4, true);
    const next = at + 8 + size + (size & 1);
    if (next > end) return undefined;
    const type = name(at);
    if (type === 'EXIF') orientation = orientationOf(withoutPrefix(bytes.subarray(at + 8, at + 8 + size)));
    else if (type !== 'XMP ') kept.push(bytes.slice(at, next));
    at = next;
  }
  kept[0]![8]! &= ~(exifFlag | xmpFlag);
  if (orientation !== 1) {
    const tiff = orientationTiff(orientation);
    const chunk = new Uint8Array(8 + tiff.length);
    chunk.set([0x45, 0x58, 0x49, 0x46, tiff.length]);
    chunk.set(tiff, 8);
    kept[0]![8]! |= exifFlag;
    kept.push(chunk);
  }
  const body = concat(...kept);
  const head = bytes.slice(0, 12);
  new DataView(head.buffer).setUint32(4, body.length + 4, true);
  const [width, height] = [uint24(24) + 1, uint24(27) + 1];
  const turned = orientation >= 5;
  return { bytes: concat(head, body), width: turned ? height : width, height: turned ? width : height };
}

/** Some writers put JPEG's `Exif\0\0` before the TIFF block. */
const withoutPrefix = (exif: Uint8Array) => (exif[0] === 0x45 && exif[1] === 0x78 ? exif.subarray(6) : exif);
