import type { OpenedFile, SaveOptions, SaveTarget } from '../../engine/transfers/types.ts';

/** Bytes up to which a file is put together in memory and goes to the downloads at once. */
const inMemory = 256 * 1024 * 1024;

interface PickerWindow {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

/**
 * Saves a decrypted file on the device: small ones straight to the downloads; large ones through the save picker, or
 * where there is none through the browser's private file system, so that they never have to fit into memory.
 * Answers false when the person closed the picker. Throws `TransferError`, or a DOMException of the file system
 * (no space).
 */
export async function saveFile(file: OpenedFile, options: SaveOptions): Promise<boolean> {
  if (file.head.size <= inMemory) {
    download(await file.blob(options), file.head.name);
    return true;
  }
  const { showSaveFilePicker } = window as PickerWindow;
  if (showSaveFilePicker) {
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
  const directory = await navigator.storage.getDirectory();
  await clearOld(directory);
  const handle = await directory.getFileHandle(`save-${file.fileId}`, { create: true });
  await file.save(await openTarget(handle), options);
  download(await handle.getFile(), file.head.name);
  return true;
}

// A FileSystemWritableFileStream takes exactly what a SaveTarget is given; only the DOM's types say more.
const openTarget = async (handle: FileSystemFileHandle): Promise<SaveTarget> =>
  (await handle.createWritable()) as unknown as SaveTarget;

/** What earlier saves left in the private file system; the browser has long copied it to the downloads. */
async function clearOld(directory: FileSystemDirectoryHandle): Promise<void> {
  for await (const name of directory.keys())
    if (name.startsWith('save-')) await directory.removeEntry(name).catch(() => undefined);
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
