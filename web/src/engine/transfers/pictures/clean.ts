import { cleanHeif } from './heif.ts';
import { cleanJpeg } from './jpeg.ts';
import { cleanPng } from './png.ts';
import { cleanWebp } from './webp.ts';

/** A picture of which only the picture is left, without encoding it anew; pixels as they are shown, where they are known. */
export interface CleanPicture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width?: number;
  readonly height?: number;
  /** A part of the picture is missing, and yet what was written into it is gone. */
  readonly cut?: boolean;
}

const cleaners: Readonly<Record<string, (bytes: Uint8Array) => CleanPicture | 'cut' | undefined>> = {
  'image/jpeg': cleanJpeg,
  'image/png': cleanPng,
  'image/webp': cleanWebp,
  'image/heic': cleanHeif,
  'image/heif': cleanHeif,
};
/** Bytes of the largest picture that is looked into: it has to fit into memory, twice. */
const largest = 48 * 1024 * 1024;

/**
 * `source` without what a camera or a program wrote into it besides the picture: place, time, device, thumbnails, texts. Its way up
 * and its colours stay. `cut` where so much is missing that it can't be told apart, undefined for what is no picture of a kind that we
 * know well: both go as they are.
 */
export async function cleanPicture(
  source: Blob,
  type: string = source.type,
): Promise<CleanPicture | 'cut' | undefined> {
  const clean = cleaners[type];
  if (!clean || source.size > largest) return undefined;
  try {
    return clean(new Uint8Array(await source.arrayBuffer()));
  } catch (error) {
    // RangeError: it ends in the middle of something.
    if (error instanceof RangeError) return 'cut';
    throw error;
  }
}
