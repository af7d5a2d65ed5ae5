import { savedFiles, savedPrefix } from '../../engine/leftovers.ts';
import type { OpenedFile, SaveOptions, SaveTarget } from '../../engine/transfers/types.ts';

/** Bytes up to which a file goes to the downloads without a question where to. */
const unasked = 256 * 1024 * 1024;
/** Milliseconds after which the browser has surely copied what it was given. */
const copied = 10 * 60_000;

interface PickerWindow {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

/**
 * Saves a decrypted file on the device, never through memory: large ones through the save picker; small ones, and all where there
 * is no picker, through the browser's private file system to the downloads. Answers false when the person closed the picker.
 * Throws `TransferError`, or a DOMException of the file system (`QuotaExceededError`: no space).
 */
export async function saveFile(file: OpenedFile, options: SaveOptions): Promise<boolean> {
  const { showSaveFilePicker } = window as PickerWindow;
  if (showSaveFilePicker && file.head.size > unasked) {
    let handle: FileSystemFileHandle;
    try {
      handle = await showSaveFilePicker.call(window, { suggestedName: file.head.name });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return false;
      throw error;
    }
    await file.save(await openTarget(handle), options);
    return true;
  }
  const place = await privatePlace(file.fileId);
  if (!place) {
    // A private window, or a browser without such a file system.
    download(await file.blob(options), file.head.name);
    return true;
  }
  await file.save(await openTarget(place), options);
  download(await place.getFile(), file.head.name);
  return true;
}

// A FileSystemWritableFileStream takes exactly what a SaveTarget is given; only the DOM's types say more.
const openTarget = async (handle: FileSystemFileHandle): Promise<SaveTarget> =>
  (await handle.createWritable()) as unknown as SaveTarget;

/** A file in the browser's private file system, which loses what earlier saves left there; undefined where there is none. */
async function privatePlace(fileId: string): Promise<FileSystemFileHandle | undefined> {
  if (typeof FileSystemFileHandle === 'undefined' || !('createWritable' in FileSystemFileHandle.prototype))
    return undefined;
  try {
    for await (const { directory, name, handle } of savedFiles()) {
      const { lastModified } = await handle.getFile();
      if (lastModified < Date.now() - copied) await directory.removeEntry(name).catch(() => undefined);
    }
    const directory = await navigator.storage.getDirectory();
    // Of its own name: what is being copied to the downloads is not written over.
    return await directory.getFileHandle(`${savedPrefix}${fileId}-${Date.now()}`, { create: true });
  } catch {
    return undefined;
  }
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has to have opened it before it may go.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
