import {
  FileError,
  openRecord,
  openRecords,
  type RecordCipher,
  type Tail,
  verifyObject,
} from '../../../../crypto/file/index.ts';
import { concat } from '../../../../protocol/bytes.ts';
import {
  firstRecord,
  paddedRecords,
  recordSize,
  recordsInObject,
  sealedRecordSize,
} from '../../../../protocol/manifest.ts';
import { asTransferError, TransferError } from './errors.ts';
import type { ObjectStore } from './get.ts';
import { Buffers, callCollector } from './memory.ts';
import { objectOfRecord } from './objects.ts';
import { backOff, pause } from './retry.ts';
import { chunksOf } from './streams.ts';
import type { TailFollower } from './tail.ts';

/** Breaks in a row that brought nothing before what storage serves counts as altered. */
const mostBreaks = 8;

/** Records that are opened at once and written as one piece of 4 MiB: each time that a browser's disk is asked has its price. */
const together = 64;
/** Records that are still to come of an object when the next one is asked for: the way there and back takes as long. */
const lookAhead = 2;

/**
 * Bytes of an object after which the collector is called: what came, was opened and went to the disk stays in copies until then. A picture's
 * objects are smaller.
 */
const worthCollecting = 4 * 2 ** 20;

export interface ReaderDeps {
  readonly cipher: RecordCipher;
  readonly follower: TailFollower;
  readonly store: ObjectStore;
}

/**
 * Plaintext bytes [offset, end), record by record while they come in, waiting at the live edge. A broken connection
 * goes on at the record that it broke in. Throws `TransferError`.
 */
export async function* readPlaintext(
  deps: ReaderDeps,
  offset: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  let at = offset;
  let breaks = 0;
  let ahead: Part | undefined;
  try {
    while (at < end) {
      const record = Math.floor(at / recordSize);
      const index = objectOfRecord(record);
      const tail = await deps.follower.until(
        (tail) => tail.objects > index || (tail.complete && at >= tail.available),
        signal,
      );
      if (tail.complete && at >= tail.available) return;
      const part: Part =
        ahead?.record === record
          ? ahead
          : openPart(deps, tail, record, Math.min(end, tail.available), either);
      ahead = undefined;
      const before = at;
      try {
        for await (const plaintext of recordsOfPart(deps, part)) {
          const now = Math.floor(at / recordSize);
          if (!ahead && part.stop - now <= lookAhead && part.stop * recordSize < part.limit)
            ahead = openPart(deps, part.tail, part.stop, part.limit, either);
          const start = now * recordSize;
          const bytes = plaintext.subarray(at - start, part.limit - start);
          at += bytes.length;
          yield bytes;
        }
      } catch (error) {
        void ahead?.body.then((body) => body.cancel()).catch(() => undefined);
        ahead = undefined;
        breaks = at > before ? 1 : breaks + 1;
        await afterBreak(error, breaks, signal);
      }
    }
  } finally {
    left.abort();
  }
}

/**
 * The plaintext from byte `offset` on, object by object, each checked against its announced hash before anything of it comes out;
 * it ends only after the final piece of the manifest. The next object is fetched while one is used.
 */
export async function* readVerified(
  deps: ReaderDeps,
  offset: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const buffers = new Buffers();
  const fetchObject = async (index: number) => {
    const tail = await deps.follower.until((tail) => tail.objects > index || tail.complete, either);
    if (index >= tail.objects) return undefined;
    const stored = buffers.take(recordsOf(tail, index) * sealedRecordSize);
    await fill(stored, deps.store, index, either);
    return { tail, index, stored };
  };
  const first = objectOfRecord(Math.floor(offset / recordSize));
  let before = offset - firstRecord(first) * recordSize;
  let next = fetchObject(first);
  try {
    for (let object = await next; object; object = await next) {
      next = fetchObject(object.index + 1);
      // Looked at when its turn comes; until then its failure is nobody's.
      next.catch(() => undefined);
      for await (const bytes of openObject(deps.cipher, object.tail, object.index, object.stored)) {
        if (before < bytes.length) yield bytes.subarray(before);
        before = Math.max(0, before - bytes.length);
      }
      buffers.give(object.stored);
      if (object.stored.length >= worthCollecting) callCollector();
    }
  } catch (error) {
    throw asTransferError(error, 'damaged');
  } finally {
    left.abort();
  }
}

/** Records of `index` that `tail` knows to be stored. */
function recordsOf(tail: Tail, index: number): number {
  if (!isLast(tail, index)) return recordsInObject(index);
  return paddedRecords(Math.ceil(tail.available / recordSize) - firstRecord(index));
}

const isLast = (tail: Tail, index: number): boolean => tail.complete && index === tail.objects - 1;

/** Records [record, stop) of one object, on their way. */
interface Part {
  readonly tail: Tail;
  readonly record: number;
  readonly stop: number;
  /** Plaintext offset that nothing beyond is wanted of. */
  readonly limit: number;
  readonly final: boolean;
  readonly body: Promise<ReadableStream<Uint8Array>>;
}

/** Asks for the records from `record` to the end of its object, as far as they hold bytes before `limit`. */
function openPart(
  { store }: ReaderDeps,
  tail: Tail,
  record: number,
  limit: number,
  signal: AbortSignal,
): Part {
  const index = objectOfRecord(record);
  const start = firstRecord(index);
  const all = start + recordsOf(tail, index);
  const stop = Math.min(all, Math.ceil(limit / recordSize));
  const [from, to] = [record - start, stop - start].map((count) => count * sealedRecordSize);
  const body = store.open(index, from!, to!, signal);
  // Looked at when its turn comes; until then its failure is nobody's.
  body.catch(() => undefined);
  return { tail, record, stop, limit, final: isLast(tail, index) && stop === all, body };
}

async function* recordsOfPart(
  { cipher }: ReaderDeps,
  { record, stop, final, body }: Part,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const count = stop - record;
  const sealed = exactly(await body, count * sealedRecordSize);
  yield* openRecords(cipher, sealed, { from: record, count, final });
}

/** Reads object `index` into `stored`, which it fills; what breaks off goes on where it broke. */
async function fill(
  stored: Uint8Array<ArrayBuffer>,
  store: ObjectStore,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  let filled = 0;
  for (let breaks = 0; ; ) {
    const before = filled;
    try {
      const body = await store.open(index, filled, stored.length, signal);
      for await (const chunk of exactly(body, stored.length - filled)) {
        stored.set(chunk, filled);
        filled += chunk.length;
      }
      return;
    } catch (error) {
      breaks = filled > before ? 1 : breaks + 1;
      await afterBreak(error, breaks, signal);
    }
  }
}

async function* openObject(
  cipher: RecordCipher,
  tail: Tail,
  index: number,
  stored: Uint8Array<ArrayBuffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  await verifyObject(tail, index, stored);
  const records = stored.length / sealedRecordSize;
  const open = (i: number) =>
    openRecord(
      cipher,
      firstRecord(index) + i,
      isLast(tail, index) && i === records - 1,
      stored.subarray(i * sealedRecordSize, (i + 1) * sealedRecordSize),
    );
  for (let at = 0; at < records; at += together) {
    // Padding is authenticated as well: it holds the record with the last flag.
    const count = Math.min(together, records - at);
    const opened = await Promise.all(Array.from({ length: count }, (_, i) => open(at + i)));
    const content = tail.available - (firstRecord(index) + at) * recordSize;
    if (content > 0) yield concat(...opened).subarray(0, content);
  }
}

/** A body that must have `length` bytes. Ending early is a break like any other of the network. */
async function* exactly(body: ReadableStream<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const chunk of chunksOf(body)) {
    left -= chunk.length;
    if (left < 0) throw new TransferError('damaged');
    yield chunk;
  }
  if (left > 0) throw new Error('the connection broke off');
}

/** Waits before the next try where the network may be at fault; throws `TransferError` where it cannot be. */
async function afterBreak(error: unknown, breaks: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new TransferError('cancelled');
  if (error instanceof TransferError || error instanceof FileError) throw asTransferError(error, 'damaged');
  if (breaks > mostBreaks) throw new TransferError('damaged', { cause: error });
  if (breaks > 1) await pause(backOff(breaks - 2), signal);
}
