import { concat, utf8 } from '../../protocol/bytes.ts';
import { recordSize, sealedRecordSize, tagSize } from '../../protocol/records.ts';
import { FileError } from './errors.ts';
import { streamKey } from './keys.ts';

/**
 * The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM: plaintext is cut into records
 * of 64 KiB, the last of which may be shorter and is empty only when it is the first too. The nonce of a record is
 * prefix (7) ‖ index (uint32, big endian) ‖ last (0 or 1), its associated data the file id ‖ the format's version.
 * So a record opens at its own place in its own file and nowhere else, and the end is where the sender put it.
 */
export const formatVersion = 1;

export const prefixSize = 7;
/** The highest number of records under one key. */
export const maxRecords = 2 ** 32;

/** What seals and opens the records of one file. */
export interface RecordCipher {
  readonly key: CryptoKey;
  readonly prefix: Uint8Array<ArrayBuffer>;
  readonly aad: Uint8Array<ArrayBuffer>;
}

/** The cipher of file `fileId` under `dek`, with the 7-byte nonce prefix that the manifest's head holds. */
export async function recordCipher(
  dek: Uint8Array,
  fileId: string,
  prefix: Uint8Array,
): Promise<RecordCipher> {
  if (prefix.length !== prefixSize) throw new RangeError('a nonce prefix has 7 bytes');
  return {
    key: await streamKey(dek, fileId),
    prefix: concat(prefix),
    aad: concat(utf8(fileId), Uint8Array.of(formatVersion)),
  };
}

/** A random nonce prefix for a new file. */
export const createPrefix = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(prefixSize));

/** Seals record `index`. Never call it with two plaintexts for one index. Answers plaintext size + 16 bytes. */
export async function sealRecord(
  cipher: RecordCipher,
  index: number,
  last: boolean,
  plaintext: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (plaintext.length > recordSize) throw new RangeError('a record holds at most 64 KiB');
  return new Uint8Array(await crypto.subtle.encrypt(gcm(cipher, index, last), cipher.key, plaintext));
}

/**
 * Opens record `index`. Throws `FileError`: `truncated` when `last` is expected but the sender went on after this
 * record, `extended` when the sender ended here, `tampered` for anything else.
 */
export async function openRecord(
  cipher: RecordCipher,
  index: number,
  last: boolean,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const open = (flag: boolean) => crypto.subtle.decrypt(gcm(cipher, index, flag), cipher.key, sealed);
  try {
    return new Uint8Array(await open(last));
  } catch {
    const otherwise = await open(!last).then(
      () => true,
      () => false,
    );
    if (!otherwise) throw new FileError('tampered', `record ${index} does not authenticate`);
    throw last
      ? new FileError('truncated', `the file ends early, after record ${index}`)
      : new FileError('extended', `something follows the file's last record ${index}`);
  }
}

/** Records that are sealed or opened at once: each wait has its price, and some WebCrypto has threads of its own. */
const together = 16;

/**
 * Seals a whole plaintext, cut in any way, and yields its records in order. A chunk has been used up when the next one is asked
 * for.
 */
export async function* sealRecords(
  cipher: RecordCipher,
  plaintext: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const records = new Cutter(recordSize);
  let sealing: Promise<Uint8Array<ArrayBuffer>>[] = [];
  let index = 0;
  for await (const chunk of plaintext) {
    // WebCrypto has taken its copy of a record when the call returns.
    for (const record of records.cut(chunk)) sealing.push(sealRecord(cipher, index++, false, record));
    if (sealing.length < together) continue;
    yield* inOrder(sealing);
    sealing = [];
  }
  sealing.push(sealRecord(cipher, index, true, records.rest()));
  yield* inOrder(sealing);
}

/** Which records are to be opened. */
export interface RecordRange {
  /** Number of the first one. */
  readonly from?: number;
  /** How many follow; without it, all up to the last. */
  readonly count?: number;
  /** Whether the range ends with the file's last record. */
  readonly final?: boolean;
}

/**
 * Opens sealed records, cut in any way, and yields their plaintexts in order, each only after it was authenticated. A chunk has
 * been used up when the next one is asked for. Throws `FileError` when a record doesn't open, or when there are fewer or more
 * bytes than the range holds.
 */
export async function* openRecords(
  cipher: RecordCipher,
  sealed: AsyncIterable<Uint8Array>,
  { from = 0, count = Number.POSITIVE_INFINITY, final = true }: RecordRange = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (!final && count === Number.POSITIVE_INFINITY)
    throw new RangeError('a range without the last record needs a count');
  const records = new Cutter(sealedRecordSize);
  let index = from;
  for await (const chunk of sealed) {
    let opening: Promise<Uint8Array<ArrayBuffer>>[] = [];
    for (const record of records.cut(chunk)) {
      if (index + 1 >= from + count) {
        yield* inOrder(opening);
        throw new FileError('extended', 'more arrived than was asked for');
      }
      opening.push(openRecord(cipher, index++, false, record));
      if (opening.length < together) continue;
      yield* inOrder(opening);
      opening = [];
    }
    yield* inOrder(opening);
  }
  const rest = records.rest();
  if (count !== Number.POSITIVE_INFINITY && index + 1 < from + count)
    throw new FileError('truncated', 'less arrived than was asked for');
  if (rest.length < tagSize || (!final && rest.length < sealedRecordSize))
    throw new FileError('truncated', `record ${index} is incomplete`);
  if (rest.length === tagSize && index > 0)
    throw new FileError('malformed', 'only a whole file can have an empty record');
  yield await openRecord(cipher, index, final, rest);
}

/** What each of `promises` comes to, up to the first that fails. */
async function* inOrder<T>(promises: readonly Promise<T>[]): AsyncGenerator<T> {
  // One that fails out of turn is looked at in its turn, or not at all.
  for (const promise of promises) promise.catch(() => undefined);
  for (const promise of promises) yield await promise;
}

/** Records that `size` plaintext bytes make. */
export const recordCount = (size: number): number => Math.max(1, Math.ceil(size / recordSize));

/** Bytes that `size` plaintext bytes have when sealed. */
export const sealedSize = (size: number): number => size + tagSize * recordCount(size);

/** Plaintext bytes of `size` sealed bytes; throws `FileError('malformed')` for a size that no plaintext has. */
export function plaintextSize(size: number): number {
  const records = Math.ceil(size / sealedRecordSize);
  const plaintext = size - tagSize * records;
  if (records < 1 || plaintext < 0 || sealedSize(plaintext) !== size)
    throw new FileError('malformed', `no file is ${size} bytes long when sealed`);
  return plaintext;
}

function gcm(cipher: RecordCipher, index: number, last: boolean): AesGcmParams {
  if (!Number.isInteger(index) || index < 0 || index >= maxRecords)
    throw new RangeError('a record index is a uint32');
  const iv = new Uint8Array(12);
  iv.set(cipher.prefix);
  new DataView(iv.buffer).setUint32(prefixSize, index);
  iv[11] = last ? 1 : 0;
  return { name: 'AES-GCM', iv, additionalData: cipher.aad };
}

/** Cuts chunks of any size into pieces of one size, always keeping something back: the end needs its own flag. */
class Cutter {
  readonly #size: number;
  #buffer = new Uint8Array();
  #filled = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** The pieces that are full and are followed by something. Those that lie whole in `bytes` are views of it, not copies. */
  *cut(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    // Nothing that is shared between threads comes here.
    const chunk = bytes as Uint8Array<ArrayBuffer>;
    for (let at = 0; at < chunk.length; ) {
      if (this.#filled === this.#size) {
        this.#filled = 0;
        yield this.#buffer;
      }
      if (this.#filled === 0) {
        for (; chunk.length - at > this.#size; at += this.#size) yield chunk.subarray(at, at + this.#size);
        this.#buffer = new Uint8Array(this.#size);
      }
      const part = chunk.subarray(at, at + this.#size - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  /** What was kept back. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#filled);
  }
}
