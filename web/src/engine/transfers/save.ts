import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { asTransferError } from './errors.ts';
import type { SaveOptions, SaveTarget } from './types.ts';

type Chunk = SaveTarget extends WritableStream<infer C> ? C : never;

/**
 * Writes a file to `target` from its verified plaintext: as it is, or put together again from its tracks. Closes the
 * target; on a failure aborts it and throws `TransferError`.
 */
export async function save(
  head: ManifestHead,
  plaintext: AsyncIterable<Uint8Array<ArrayBuffer>>,
  target: SaveTarget,
  options: SaveOptions,
): Promise<void> {
  const writer = target.getWriter();
  try {
    await writeFile(head, plaintext, options, (chunk) => writer.write(chunk));
    await writer.close();
  } catch (error) {
    // A full disk is the device's own matter.
    const full = error instanceof DOMException && error.name === 'QuotaExceededError';
    const failure = full ? error : asTransferError(error, 'unsupported');
    await writer.abort(failure).catch(() => undefined);
    throw failure;
  }
}

/** The same in memory. */
export async function saveToBlob(
  head: ManifestHead,
  plaintext: AsyncIterable<Uint8Array<ArrayBuffer>>,
  options: SaveOptions,
): Promise<Blob> {
  const chunks: Chunk[] = [];
  try {
    await writeFile(head, plaintext, options, async (chunk) => void chunks.push(chunk));
  } catch (error) {
    throw asTransferError(error, 'unsupported');
  }
  const size = chunks.reduce((most, { position, data }) => Math.max(most, position + data.length), 0);
  const bytes = new Uint8Array(size);
  for (const { position, data } of chunks) bytes.set(data, position);
  return new Blob([bytes], { type: head.type });
}

async function writeFile(
  head: ManifestHead,
  plaintext: AsyncIterable<Uint8Array<ArrayBuffer>>,
  { original }: SaveOptions,
  write: (chunk: Chunk) => Promise<void>,
): Promise<void> {
  if (head.layout === 'tracks' && !original) {
    // Only a saved film needs the muxers: they stay out of the first load.
    const { restoreFilm } = await import('./tracks/restore.ts');
    return restoreFilm(head, plaintext, write);
  }
  let position = 0;
  let writing = Promise.resolve();
  for await (const data of plaintext) {
    // One piece is written while the next is fetched and opened.
    await writing;
    writing = write({ type: 'write', position, data });
    // Looked at when its turn comes; until then its failure is nobody's.
    writing.catch(() => undefined);
    position += data.length;
  }
  await writing;
}
