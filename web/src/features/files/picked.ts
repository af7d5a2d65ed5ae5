import type { SendFileOptions } from '../../engine/types.ts';
import { keepsOriginals } from './originals.ts';

/** Where the browser says that files were picked or dropped from. */
const places = new WeakMap<File, Promise<FileSystemFileHandle | undefined>>();

/** A dropped item, as far as Chromium goes beyond the types. */
type Item = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };

/** The files of a drop, without its folders (which can't be read as a file); `folders` says that there were some. To be called within the event. */
export function pickFiles(transfer: DataTransfer): { files: File[]; folders: boolean } {
  const files: File[] = [];
  let folders = false;
  for (const item of transfer.items as unknown as Iterable<Item>) {
    if (item.kind !== 'file') continue;
    const file = item.getAsFile();
    if (item.webkitGetAsEntry()?.isDirectory) folders = true;
    else if (file) {
      files.push(file);
      const place = item.getAsFileSystemHandle?.().then(
        (handle) => (handle?.kind === 'file' ? (handle as FileSystemFileHandle) : undefined),
        () => undefined,
      );
      if (place) places.set(file, place);
    }
  }
  return { files, folders };
}

/** How a picked file is sent from here. */
export const sendOptions = (file: File): SendFileOptions => ({
  keepOriginal: keepsOriginals(),
  handle: places.get(file),
});
