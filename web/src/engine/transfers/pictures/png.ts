import { concat, utf8 } from '../../../../../protocol/bytes.ts';
import type { CleanPicture } from './clean.ts';
import { orientationOf, orientationTiff } from './exif.ts';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** What tells of a picture's making rather than of the picture; all other ancillary chunks may change how it looks. */
const dropped = new Set(['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME']);

/** A PNG (W3C PNG 3) without texts, time, whatever of EXIF is not the way up, and whatever follows its end. `cut` where that is missing; undefined for what is no PNG. */
export function cleanPng(bytes: Uint8Array): CleanPicture | 'cut' | undefined {
  if (signature.some((byte, i) => bytes[i] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  let orientation = 1;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) return 'cut';
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === 'eXIf') orientation = orientationOf(bytes.subarray(at + 8, end - 4));
    if (!dropped.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') {
      const [width, height] = [view.getUint32(16), view.getUint32(20)];
      // Right after the header, which is always the first.
      if (orientation !== 1) kept.splice(2, 0, chunk('eXIf', orientationTiff(orientation)));
      const turned = orientation >= 5;
      return {
        bytes: concat(...kept),
        width: turned ? height : width,
        height: turned ? width : height,
      };
    }
    at = end;
  }
  return 'cut';
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concat(utf8(type), data);
  const framed = new Uint8Array(body.length + 8);
  framed.set(body, 4);
  const view = new DataView(framed.buffer);
  view.setUint32(0, data.length);
  view.setUint32(body.length + 4, crc32(body));
  return framed;
}

/** The checksum of a chunk's type and data (ISO 3309, reflected). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
