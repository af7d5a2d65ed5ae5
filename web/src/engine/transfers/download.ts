import { openHead, recordCipher, type Tail, verifyCommitment } from '../../../../crypto/file/index.ts';
import { concat, fromBase64 } from '../../../../protocol/bytes.ts';
import { ManifestHead } from '../../../../protocol/manifest.ts';
import { Subject } from '../observable.ts';
import { asTransferError, TransferError } from './errors.ts';
import { ObjectStore } from './get.ts';
import { shownName } from './name.ts';
import { type ReaderDeps, readPlaintext, readVerified } from './reader.ts';
import { persist } from './retry.ts';
import { save, saveToBlob } from './save.ts';
import { streamOf } from './streams.ts';
import { TailFollower } from './tail.ts';
import type { Arrived, OpenDeps, OpenedFile, SaveOptions, SaveTarget } from './types.ts';

/** URLs that come with the first answer: enough for the first frame and what follows it. */
const firstUrls = 4;
/** More than any file has pieces: an answer without them. */
const noDeltas = 100_001;

/**
 * Opens a file for reading, also while it is being sent. Checks that key and manifest are the announced ones before it
 * resolves; throws `TransferError` when they aren't, or when there is no key for this person.
 */
export async function openFile(deps: OpenDeps): Promise<OpenedFile> {
  const { api, fileId, fetch } = deps;
  const closed = new AbortController();
  const get = (query: { from: number; count: number; deltas: number }, signal: AbortSignal) =>
    persist(() => api.getFile({ params: { id: fileId }, query }), signal);

  // Frames that come while the first answer is on its way wait for it.
  const early: Parameters<TailFollower['event']>[0][] = [];
  let follower: TailFollower | undefined;
  const unsubscribe = deps.subscribe((event) => (follower ? follower.event(event) : early.push(event)));
  try {
    const file = await get({ from: 0, count: firstUrls, deltas: 0 }, closed.signal);
    if (file.encryptedKey === null) throw new TransferError('no-key');
    const dek = await deps.unwrap(fromBase64(file.encryptedKey));
    await verifyCommitment(dek, fileId, fromBase64(deps.commitment));
    const head = await openHead(
      dek,
      fileId,
      fromBase64(file.fileName),
      fromBase64(deps.manifestHash),
      ManifestHead,
    );
    const cipher = await recordCipher(dek, fileId, fromBase64(head.prefix));
    const store = new ObjectStore({
      fetch,
      sign: async (from, count, signal) => (await get({ from, count, deltas: noDeltas }, signal)).objects,
    });
    store.add(file.objects);
    follower = new TailFollower({
      dek,
      fileId,
      ask: async (from) => (await get({ from: 0, count: 0, deltas: from }, closed.signal)).deltas,
    });
    await follower.add(file.deltas);
    // A long manifest comes in several answers.
    if (file.deltas.length > 0) void follower.ask();
    for (const event of early) follower.event(event);
    return new Opened(fileId, { ...head, name: shownName(head.name) }, { cipher, follower, store }, () => {
      closed.abort();
      unsubscribe();
    });
  } catch (error) {
    unsubscribe();
    throw asTransferError(error, 'refused');
  }
}

class Opened implements OpenedFile {
  readonly fileId: string;
  readonly head: ManifestHead;
  readonly arrived: Subject<Arrived>;
  readonly #deps: ReaderDeps;
  readonly #close: () => void;

  constructor(fileId: string, head: ManifestHead, deps: ReaderDeps, close: () => void) {
    this.fileId = fileId;
    this.head = head;
    this.#deps = deps;
    this.#close = close;
    const { state } = deps.follower;
    this.arrived = new Subject(arrived(head, state.get()));
    state.subscribe((now) => this.arrived.set(arrived(head, now)));
  }

  stream(offset = 0, signal?: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
    return streamOf(readPlaintext(this.#deps, offset, Number.POSITIVE_INFINITY, orNever(signal)));
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readPlaintext(this.#deps, offset, offset + length, orNever(signal)))
      chunks.push(chunk);
    return concat(...chunks);
  }

  seekPoint(time: number): { time: number; offset: number } | undefined {
    if (this.head.layout === 'raw') return undefined;
    const { index } = this.#deps.follower.tail;
    let low = 0;
    for (let high = index.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (index[middle]![0] <= time * 1000) low = middle + 1;
      else high = middle;
    }
    const point = index[low - 1];
    return point ? { time: point[0] / 1000, offset: point[1] } : { time: 0, offset: 0 };
  }

  save(target: SaveTarget, options: SaveOptions = {}): Promise<void> {
    return save(this.head, this.#verified(options), target, options);
  }

  blob(options: SaveOptions = {}): Promise<Blob> {
    return saveToBlob(this.head, this.#verified(options), options);
  }

  close(): void {
    this.#deps.follower.fail(new TransferError('cancelled'));
    this.#close();
  }

  async *#verified(options: SaveOptions): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { original, onProgress } = options;
    const signal = orNever(options.signal);
    const { follower } = this.#deps;
    const from = original ? (await follower.until(({ complete }) => complete, signal)).original : 0;
    if (from === undefined) throw new TransferError('unsupported');
    let read = 0;
    for await (const chunk of readVerified(this.#deps, from, signal)) {
      yield chunk;
      read += chunk.length;
      const { tail } = follower;
      const end = this.head.original && !original ? (tail.original ?? this.head.size) : tail.available;
      onProgress?.(
        Math.min(1, read / (tail.complete ? end - from : Math.max(tail.available, this.head.size))),
      );
    }
  }
}

const orNever = (signal: AbortSignal | undefined): AbortSignal => signal ?? new AbortController().signal;

function arrived(
  head: ManifestHead,
  { tail, failure }: { readonly tail: Tail; readonly failure?: TransferError },
): Arrived {
  const last = (tail.index.at(-1)?.[0] ?? 0) / 1000;
  return {
    bytes: tail.available,
    seconds: tail.complete ? Math.max(last, head.duration ?? 0) : last,
    complete: tail.complete,
    ...(tail.complete && { length: tail.available }),
    ...(failure && { failed: failure.reason }),
  };
}
