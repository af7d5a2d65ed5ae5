import { dropShared, readShared } from './shared.ts';

/**
 * What lies in this browser outside the sealed store, in the clear: files that were saved, on their way to the downloads, files that are
 * forwarded, until they have been sent, and what another app has shared. Whoever signs out leaves none of it behind.
 */

/** What the names of saved files begin with in the browser's private file system. */
export const savedPrefix = 'save-';
/** The same for those of them that are forwarded: their uploads read them to the end. */
export const forwardedPrefix = `${savedPrefix}forward-`;

/** Bytes of it all, but of files that are forwarded: their uploads have nothing else to read. */
export async function sizeOfLeftovers(): Promise<number> {
  let bytes = 0;
  for await (const { forwarded, handle } of savedFiles())
    if (!forwarded) bytes += (await handle.getFile()).size;
  for (const { size } of (await readShared())?.files ?? []) bytes += size;
  return bytes;
}

/** Removes it, with `forwarded` also what uploads have yet to read. Downloads that the browser is still copying break off. */
export async function dropLeftovers({ forwarded: all = false } = {}): Promise<void> {
  for await (const { directory, name, forwarded } of savedFiles())
    if (all || !forwarded) await directory.removeEntry(name).catch(() => undefined);
  if (typeof caches === 'undefined') return;
  await dropShared();
}

/** Removes the copy of a file that was forwarded; nothing where `handle` is something else, such as a file that its person has picked. */
export async function dropForwarded({ name }: FileSystemFileHandle): Promise<void> {
  if (!name.startsWith(forwardedPrefix)) return;
  const directory = await navigator.storage.getDirectory();
  // It may have been cleared away.
  await directory.removeEntry(name).catch(() => undefined);
}

/** Files that were saved, or are forwarded; none where there is no such file system. */
export async function* savedFiles() {
  if (typeof navigator === 'undefined' || !navigator.storage?.getDirectory) return;
  // Not in private windows.
  const directory = await navigator.storage.getDirectory().catch(() => undefined);
  if (!directory) return;
  for await (const [name, handle] of directory.entries())
    if (name.startsWith(savedPrefix) && handle.kind === 'file')
      yield {
        ...{ directory, name, handle: handle as FileSystemFileHandle },
        forwarded: name.startsWith(forwardedPrefix),
      };
}
