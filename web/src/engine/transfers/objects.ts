import { type RecordCipher, recordCount, sealRecords } from '../../../../crypto/file/index.ts';
import { sha256, toBase64 } from '../../../../protocol/bytes.ts';
import {
  firstRecord,
  maxObjects,
  paddedRecords,
  recordSize,
  recordsInObject,
  sealedRecordSize,
} from '../../../../protocol/manifest.ts';
import { TransferError } from './errors.ts';
import type { Buffers } from './memory.ts';

/** One object as it goes to storage. */
export interface StoredObject {
  readonly index: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256, base64url. */
  readonly hash: string;
  readonly last: boolean;
}

/** The object that record `record` lies in. */
export function objectOfRecord(record: number): number {
  let index = 0;
  while (firstRecord(index + 1) <= record) index++;
  return index;
}

/** Stored sizes of the objects of a file of `size` plaintext bytes; the last one is padded. */
export function objectSizes(size: number): number[] {
  const records = recordCount(size);
  const last = objectOfRecord(records - 1);
  const sizes = Array.from({ length: last }, (_, index) => fullObjectSize(index));
  return [...sizes, paddedRecords(records - firstRecord(last)) * sealedRecordSize];
}

/** Stored size of object `index` when it isn't the last. */
export const fullObjectSize = (index: number): number => recordsInObject(index) * sealedRecordSize;

/**
 * Encrypts a whole plaintext into its objects, one at a time as they are asked for, each in one of `buffers`, to which
 * whoever has used it up gives it back. Throws `TransferError('too-large')` past the last object that a file may have, and whatever
 * `plaintext` throws.
 */
export async function* sealObjects(
  cipher: RecordCipher,
  plaintext: AsyncIterable<Uint8Array>,
  buffers: Buffers,
): AsyncGenerator<StoredObject> {
  const finished = async (index: number, bytes: Uint8Array<ArrayBuffer>, last: boolean) => ({
    index,
    bytes,
    hash: toBase64(await sha256(bytes)),
    last,
  });
  let index = 0;
  let object = buffers.take(fullObjectSize(index));
  let filled = 0;
  for await (const record of sealRecords(cipher, padded(plaintext))) {
    if (filled === object.length) {
      yield await finished(index, object, false);
      if (++index === maxObjects) throw new TransferError('too-large');
      object = buffers.take(fullObjectSize(index));
      filled = 0;
    }
    object.set(record, filled);
    filled += record.length;
  }
  yield await finished(index, filled < object.length ? object.slice(0, filled) : object, true);
}

/** Plaintext, then zeros up to the size that the last object is padded to. */
async function* padded(plaintext: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of plaintext) {
    size += chunk.length;
    yield chunk;
  }
  const stored = objectSizes(size).reduce((sum, object) => sum + object, 0);
  const zeros = new Uint8Array(recordSize);
  for (let left = (stored / sealedRecordSize) * recordSize - size; left > 0; left -= zeros.length)
    yield zeros.subarray(0, Math.min(left, zeros.length));
}
