import { toBase64 } from '../../../../../protocol/bytes.ts';
import { largestPoster } from '../../../../../protocol/manifest.ts';

/** Pixels of the longer side. */
const longest = 256;
/** Milliseconds that a file waits for its poster before it leaves without one. */
const patience = 200;
const qualities = [0.7, 0.5, 0.3, 0.15];

interface Drawable {
  readonly source: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  readonly close?: () => void;
}

/**
 * A small picture of a file, base64url, for its manifest: what others see before anything of the file itself has come. Undefined
 * where this platform can't draw (Node), can't read it, or takes too long.
 */
export async function makePoster(draw: () => Promise<Drawable | undefined>): Promise<string | undefined> {
  if (typeof OffscreenCanvas === 'undefined') return undefined;
  const late = new Promise<undefined>((go) => setTimeout(go, patience));
  const made = (async () => {
    const drawable = await draw();
    if (!drawable) return undefined;
    const { source, width, height } = drawable;
    const scale = Math.min(1, longest / Math.max(width, height));
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(width * scale)),
      Math.max(1, Math.round(height * scale)),
    );
    canvas.getContext('2d')!.drawImage(source, 0, 0, canvas.width, canvas.height);
    drawable.close?.();
    return encode(canvas);
  })();
  // Whatever can't be drawn can still be sent.
  return Promise.race([made.catch(() => undefined), late]);
}

/** The poster of a picture, upright and without anything that its camera wrote. */
export const posterOfPicture = (picture: Blob): Promise<string | undefined> =>
  makePoster(async () => {
    const bitmap = await createImageBitmap(picture);
    return { source: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() };
  });

async function encode(canvas: OffscreenCanvas): Promise<string | undefined> {
  for (const quality of qualities) {
    // Safari can't write WebP, and gives a PNG instead.
    let blob = await canvas.convertToBlob({ type: 'image/webp', quality });
    if (blob.type !== 'image/webp') blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
    if (blob.size <= largestPoster) return toBase64(new Uint8Array(await blob.arrayBuffer()));
  }
  return undefined;
}
