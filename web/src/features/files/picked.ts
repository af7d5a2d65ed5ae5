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

/** A start of the app by the system (Web App Launch Handler API, which types don't know). */
interface Launches {
  launchQueue?: {
    setConsumer(consumer: (launch: { readonly files?: readonly FileSystemHandle[] }) => void): void;
  };
}

/** Hands over the files that the system has opened with the app, as far as they can be read. */
export function takeLaunched(take: (files: File[]) => void): void {
  (window as Launches).launchQueue?.setConsumer(async ({ files: handles = [] }) => {
    const read = async (handle: FileSystemFileHandle) => {
      const file = await handle.getFile();
      places.set(file, Promise.resolve(handle));
      return file;
    };
    const files = handles.filter(({ kind }) => kind === 'file') as FileSystemFileHandle[];
    const found = await Promise.all(files.map((handle) => read(handle).catch(() => undefined)));
    take(found.filter((file) => file !== undefined));
  });
}

/** How a picked file is sent from here. */
export const sendOptions = (file: File): SendFileOptions => ({
  keepOriginal: keepsOriginals(),
  handle: places.get(file),
});
