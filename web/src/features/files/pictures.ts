import type { OpenedFile } from '../../engine/transfers/types.ts';

export interface ShownPicture {
  readonly url: string;
  /** Width over height, once the browser has looked. */
  ratio?: number;
}

/** How many decrypted pictures are kept, so that scrolling back neither fetches nor moves anything. */
const kept = 30;
const shown = new Map<string, ShownPicture>();

/** The picture as it is kept, without waiting. */
export const keptPicture = (file: OpenedFile): ShownPicture | undefined => shown.get(file.fileId);

/** Decrypts a picture, or finds it kept. Rejects with `TransferError`. */
export async function showPicture(file: OpenedFile, signal: AbortSignal): Promise<ShownPicture> {
  const known = shown.get(file.fileId);
  if (known) return known;
  const blob = await file.blob({ signal });
  // The type is one of our list of pictures, never one that a browser would run.
  const picture = { url: URL.createObjectURL(new Blob([blob], { type: file.head.type })) };
  shown.set(file.fileId, picture);
  const [oldest] = shown;
  if (shown.size > kept && oldest) {
    shown.delete(oldest[0]);
    // An <img> that has loaded it keeps what it shows.
    URL.revokeObjectURL(oldest[1].url);
  }
  return picture;
}
