import { concat, equalBytes, fromBase64, sha256, toBase64, utf8 } from '../../protocol/bytes.ts';
import type { ManifestDelta, ManifestHead } from '../../protocol/manifest.ts';
import { firstRecord, recordSize } from '../../protocol/records.ts';
import { readJson, type Schema } from '../schema.ts';
import { FileError } from './errors.ts';
import { manifestKey } from './keys.ts';

const nonceSize = 12;
/** Sealed pieces are padded to whole multiples of these, so that their sizes tell neither name, poster nor seek points. */
const headBucket = 8192;
const deltaBucket = 1024;
/** What the service takes as one sealed piece. */
export const maxSealedManifest = 65_536;

/** Seals the head: nonce (12) ‖ AES-256-GCM of its JSON. Throws RangeError when it is too large to be stored. */
export const sealHead = (
  dek: Uint8Array,
  fileId: string,
  head: ManifestHead,
): Promise<Uint8Array<ArrayBuffer>> => seal(dek, fileId, 'head', head, headBucket);

/** What the file message carries as `manifestHash`: SHA-256 of the sealed head as stored. */
export const manifestHash = (sealedHead: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  sha256(concat(sealedHead));

/**
 * Opens the head. Throws `FileError`: `wrong-hash` when it isn't the announced one, `tampered` when it does not
 * authenticate, `malformed` when it does not fit the schema.
 */
export async function openHead(
  dek: Uint8Array,
  fileId: string,
  sealed: Uint8Array,
  announcedHash: Uint8Array,
  schema: Schema<ManifestHead>,
): Promise<ManifestHead> {
  if (!equalBytes(await manifestHash(sealed), announcedHash))
    throw new FileError('wrong-hash', 'the manifest is not the one that was announced');
  return open(dek, fileId, 'head', sealed, schema);
}

/** Seals a piece of the growing tail; its number is bound. */
export const sealDelta = (
  dek: Uint8Array,
  fileId: string,
  delta: ManifestDelta,
): Promise<Uint8Array<ArrayBuffer>> => seal(dek, fileId, `delta ${delta.n}`, delta, deltaBucket);

/** Opens piece `n`; throws `FileError` as `openHead` does. */
export async function openDelta(
  dek: Uint8Array,
  fileId: string,
  n: number,
  sealed: Uint8Array,
  schema: Schema<ManifestDelta>,
): Promise<ManifestDelta> {
  const delta = await open(dek, fileId, `delta ${n}`, sealed, schema);
  if (delta.n !== n) throw new FileError('malformed', `piece ${n} of the manifest calls itself ${delta.n}`);
  return delta;
}

/** Everything that the pieces so far have said. */
export interface Tail {
  /** The number of the next piece. */
  readonly next: number;
  readonly objects: number;
  /** Plaintext bytes in storage. */
  readonly available: number;
  /** Seek points: time in ms, plaintext offset; ascending in both. */
  readonly index: readonly (readonly [number, number])[];
  /** SHA-256 of each object, base64url. */
  readonly hashes: readonly string[];
  /** Whether the last piece is here. */
  readonly complete: boolean;
  /** Plaintext offset of the source file, where the last piece says that it was sent besides its tracks. */
  readonly original?: number;
}

export const emptyTail: Tail = { next: 0, objects: 0, available: 0, index: [], hashes: [], complete: false };

/**
 * The tail with one more piece. Throws `FileError('malformed')` for a piece that does not follow: out of turn, after
 * the last, taking something back, or with totals or a digest that do not fit.
 */
export async function extendTail(tail: Tail, delta: ManifestDelta): Promise<Tail> {
  const refuse = (why: string) => new FileError('malformed', `piece ${delta.n} of the manifest ${why}`);
  if (tail.complete) throw refuse('comes after the last one');
  if (delta.n !== tail.next) throw refuse(`comes in place of ${tail.next}`);
  if (delta.objects !== tail.objects + delta.hashes.length) throw refuse('has not one hash for each object');
  const capacity = firstRecord(delta.objects) * recordSize;
  const hashes = [...tail.hashes, ...delta.hashes];
  const index = [...tail.index, ...delta.index];
  for (let i = tail.index.length; i < index.length; i++) {
    const [time, offset] = index[i]!;
    const [timeBefore, offsetBefore] = index[i - 1] ?? [-1, 0];
    if (time <= timeBefore || offset < offsetBefore || offset >= delta.available)
      throw refuse('has seek points out of order');
  }
  if (delta.final) {
    const { length, objects, digest, original = 0 } = delta.final;
    const least = firstRecord(objects - 1) * recordSize;
    if (objects !== delta.objects || length !== delta.available || length > capacity)
      throw refuse('has totals that do not fit');
    if (length < least || (length === least && length > 0)) throw refuse('has totals that do not fit');
    if (original > length) throw refuse('has totals that do not fit');
    if (digest !== (await hashesDigest(hashes))) throw refuse('has a digest that does not fit');
  } else if (delta.available !== capacity) throw refuse('has totals that do not fit');
  return {
    next: delta.n + 1,
    objects: delta.objects,
    available: delta.available,
    index,
    hashes,
    complete: delta.final !== undefined,
    ...(delta.final?.original !== undefined && { original: delta.final.original }),
  };
}

/** What the last piece carries: SHA-256 over the hashes of all objects in turn, base64url. */
export const hashesDigest = async (hashes: readonly string[]): Promise<string> =>
  toBase64(await sha256(concat(...hashes.map(fromBase64))));

/** Checks a whole stored object against the tail; throws `FileError('wrong-hash')`. */
export async function verifyObject(
  tail: Tail,
  index: number,
  stored: Uint8Array<ArrayBuffer>,
): Promise<void> {
  if (toBase64(await sha256(stored)) !== tail.hashes[index])
    throw new FileError('wrong-hash', `object ${index} is not the one that was stored`);
}

const associatedData = (fileId: string, place: string) => utf8(`${fileId}\n${place}`);

async function seal(
  dek: Uint8Array,
  fileId: string,
  place: string,
  value: ManifestHead | ManifestDelta,
  bucket: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const json = utf8(JSON.stringify(value));
  // Blanks after JSON are nothing to its parser.
  const room = maxSealedManifest - nonceSize - 16;
  const plaintext = new Uint8Array(Math.min(room, Math.ceil(json.length / bucket) * bucket)).fill(0x20);
  if (json.length > room) throw new RangeError('this piece of the manifest is too large');
  plaintext.set(json);
  const iv = crypto.getRandomValues(new Uint8Array(nonceSize));
  const algorithm = { name: 'AES-GCM', iv, additionalData: associatedData(fileId, place) };
  const key = await manifestKey(dek, fileId);
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext)));
}

async function open<T>(
  dek: Uint8Array,
  fileId: string,
  place: string,
  sealed: Uint8Array,
  schema: Schema<T>,
): Promise<T> {
  const iv = concat(sealed.subarray(0, nonceSize));
  const algorithm = { name: 'AES-GCM', iv, additionalData: associatedData(fileId, place) };
  const key = await manifestKey(dek, fileId);
  let plaintext: ArrayBuffer;
  try {
    plaintext = await crypto.subtle.decrypt(algorithm, key, concat(sealed.subarray(nonceSize)));
  } catch (cause) {
    throw new FileError('tampered', `the manifest (${place}) does not authenticate`, { cause });
  }
  try {
    return readJson(schema, new Uint8Array(plaintext));
  } catch (cause) {
    throw new FileError('malformed', `the manifest (${place}) is of another form`, { cause });
  }
}
