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

/** Bytes that are gathered before they become part of a blob: the browser keeps large ones on its disk. */
const partSize = 8 * 2 ** 20;

/** The same as a blob. */
export async function saveToBlob(
  head: ManifestHead,
  plaintext: AsyncIterable<Uint8Array<ArrayBuffer>>,
  options: SaveOptions,
): Promise<Blob> {
  const parts: Blob[] = [];
  let chunks: Chunk[] = [];
  let gathered = 0;
  const inTurn = isAsItWas(head, options);
  const flush = () => {
    if (chunks.length > 0) parts.push(new Blob([placed(chunks)]));
    [chunks, gathered] = [[], 0];
  };
  try {
    await writeFile(head, plaintext, options, async (chunk) => {
      chunks.push(chunk);
      gathered += chunk.data.length;
      // What is put together of tracks goes back to its beginning at the end.
      if (inTurn && gathered >= partSize) flush();
    });
  } catch (error) {
    throw asTransferError(error, 'unsupported');
  }
  flush();
  return new Blob(parts, { type: head.type });
}

/** Whether a file is written byte for byte as its sender had it. */
const isAsItWas = ({ layout }: ManifestHead, { original }: SaveOptions): boolean =>
  layout !== 'tracks' || original === true;

function placed(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const from = chunks.reduce((least, { position }) => Math.min(least, position), Number.POSITIVE_INFINITY);
  const to = chunks.reduce((most, { position, data }) => Math.max(most, position + data.length), from);
  const bytes = new Uint8Array(to - from);
  for (const { position, data } of chunks) bytes.set(data, position - from);
  return bytes;
}

async function writeFile(
  head: ManifestHead,
  plaintext: AsyncIterable<Uint8Array<ArrayBuffer>>,
  options: SaveOptions,
  write: (chunk: Chunk) => Promise<void>,
): Promise<void> {
  if (!isAsItWas(head, options)) {
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
