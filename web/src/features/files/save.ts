import { dropForwarded, forwardedPrefix, savedFiles, savedPrefix } from '../../engine/leftovers.ts';
import type { OpenedFile, SaveOptions, SaveTarget } from '../../engine/transfers/types.ts';

/** Bytes up to which a file goes to the downloads without a question where to. */
const unasked = 256 * 1024 * 1024;
/** Milliseconds after which the browser has surely copied what it was given. */
const copied = 10 * 60_000;
/** The same for what is forwarded: its upload, which removes it, has been given up by then. It is for what a crash leaves. */
const abandoned = 8 * 24 * 3_600_000;

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
  // Of its own name: what is being copied to the downloads is not written over.
  const place = await privatePlace(`${savedPrefix}${file.fileId}-${Date.now()}`);
  download(await decrypted(file, options, place), file.head.name);
  return true;
}

/** A decrypted file to be sent again. */
export interface Forwarded {
  readonly file: File;
  /** Where it lies: an upload that is given it goes on from there after a reload, and removes it when it has ended. */
  readonly handle: FileSystemFileHandle | undefined;
  /** Removes it, where no upload was given it. */
  readonly drop: () => Promise<void>;
}

/**
 * A decrypted file as it can be sent again: the original byte for byte where it went along, else what saving it gives. Throws what
 * `saveFile` throws.
 */
export async function fileToForward(file: OpenedFile, options: SaveOptions): Promise<Forwarded> {
  const { name, type, original = false } = file.head;
  // Of its own name: it may be on its way to another room. The ending tells the browser its type after a reload.
  const ending = /\.[a-z0-9]{1,8}$/i.exec(name)?.[0] ?? '';
  const handle = await privatePlace(`${forwardedPrefix}${crypto.randomUUID()}${ending}`);
  const drop = async () => handle && dropForwarded(handle);
  try {
    const blob = await decrypted(file, { ...options, original }, handle);
    return { file: new File([blob], name, { type }), handle, drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function decrypted(
  file: OpenedFile,
  options: SaveOptions,
  place: FileSystemFileHandle | undefined,
): Promise<Blob> {
  // Without: a private window, or a browser without such a file system.
  if (!place) return file.blob(options);
  await file.save(await openTarget(place), options);
  return place.getFile();
}

// A FileSystemWritableFileStream takes exactly what a SaveTarget is given; only the DOM's types say more.
const openTarget = async (handle: FileSystemFileHandle): Promise<SaveTarget> =>
  (await handle.createWritable()) as unknown as SaveTarget;

/** A file of this `name` in the browser's private file system, which loses what earlier ones left there; undefined where there is none. */
async function privatePlace(ownName: string): Promise<FileSystemFileHandle | undefined> {
  if (typeof FileSystemFileHandle === 'undefined' || !('createWritable' in FileSystemFileHandle.prototype))
    return undefined;
  try {
    for await (const { directory, name, handle, forwarded } of savedFiles()) {
      // One that was forwarded may have just been removed.
      const file = await handle.getFile().catch(() => undefined);
      const kept = forwarded ? abandoned : copied;
      if (file && file.lastModified < Date.now() - kept)
        await directory.removeEntry(name).catch(() => undefined);
    }
    const directory = await navigator.storage.getDirectory();
    return await directory.getFileHandle(ownName, { create: true });
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
