import { concat } from '../../../../../protocol/bytes.ts';
import type { CleanPicture } from './clean.ts';
import { orientationOf, orientationOnly } from './exif.ts';

const marker = (bytes: Uint8Array, at: number) => (bytes[at] === 0xff ? bytes[at + 1]! : -1);
const ascii = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/**
 * A JPEG (ITU T.81) without what tells of its making: APP1 to APP15 but colour profiles (APP2 `ICC_PROFILE`) and Adobe's colour
 * transform (APP14), comments, and whatever follows the picture's end. Its way up stays. `cut` where its end is missing; undefined for what is no JPEG.
 */
export function cleanJpeg(bytes: Uint8Array): CleanPicture | 'cut' | undefined {
  if (marker(bytes, 0) !== 0xd8) return undefined;
  const kept: Uint8Array[] = [bytes.subarray(0, 2)];
  let orientation = 1;
  let size: { width: number; height: number } | undefined;
  for (let at = 2; at + 4 <= bytes.length; ) {
    const code = marker(bytes, at);
    if (code < 0) return undefined;
    if (code === 0xff) {
      at++;
      continue;
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const end = at + 2 + length;
    if (length < 2) return undefined;
    if (end > bytes.length) return 'cut';
    const segment = bytes.subarray(at, end);
    if (code === 0xe1 && ascii(bytes, at + 4, 4) === 'Exif')
      orientation = orientationOf(segment.subarray(10));
    // SOF0 to SOF15, without DHT, JPG and DAC.
    if (code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code))
      size = {
        height: (bytes[at + 5]! << 8) | bytes[at + 6]!,
        width: (bytes[at + 7]! << 8) | bytes[at + 8]!,
      };
    const colour =
      (code === 0xe2 && ascii(bytes, at + 4, 11) === 'ICC_PROFILE') ||
      (code === 0xee && ascii(bytes, at + 4, 5) === 'Adobe');
    const dropped = code === 0xfe || (code >= 0xe1 && code <= 0xef && !colour);
    if (!dropped) kept.push(segment);
    if (code === 0xda) {
      const scans = scansFrom(bytes, end);
      if (scans === 'cut') return scans;
      if (!scans || !size) return undefined;
      // JFIF's APP0, if any, comes first; the way up right after it.
      const head = orientation === 1 ? [] : [orientationOnly(orientation)];
      const first = marker(kept[1] ?? new Uint8Array(2), 0) === 0xe0 ? 2 : 1;
      const turned = orientation >= 5;
      return {
        bytes: concat(...kept.slice(0, first), ...head, ...kept.slice(first), scans),
        width: turned ? size.height : size.width,
        height: turned ? size.width : size.height,
      };
    }
    at = end;
  }
  return 'cut';
}

/** Entropy-coded data from `at` to the end of the picture, further scans and their tables included; nothing after. */
function scansFrom(bytes: Uint8Array, at: number): Uint8Array | 'cut' | undefined {
  for (let i = at; i + 1 < bytes.length; i++) {
    if (bytes[i] !== 0xff) continue;
    const code = bytes[i + 1]!;
    if (code === 0xd9) return bytes.subarray(at, i + 2);
    // A stuffed zero, a restart, a fill byte: data goes on. Any other marker opens a segment (DHT, SOS, COM …).
    if (code === 0 || code === 0xff || (code >= 0xd0 && code <= 0xd7)) continue;
    // A comment or APPn between scans is nobody's habit: such a file is left as it is.
    if (code === 0xfe || (code >= 0xe0 && code <= 0xef)) return undefined;
    if (i + 3 >= bytes.length) return 'cut';
    i += 1 + ((bytes[i + 2]! << 8) | bytes[i + 3]!);
  }
  return 'cut';
}
