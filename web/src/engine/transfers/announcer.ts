import { emptyTail, hashesDigest, sealDelta, type Tail } from '../../../../crypto/file/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import {
  firstRecord,
  type ManifestDelta,
  maxSeekPointsInDelta,
  recordSize,
} from '../../../../protocol/manifest.ts';
import type { FileDelta } from '../../../../protocol/socket.ts';
import type { StoredObject } from './objects.ts';

type Point = readonly [time: number, offset: number];

export interface AnnouncerDeps {
  readonly dek: Uint8Array;
  readonly fileId: string;
  /** Hands a piece to the service, until it has it. The same piece is always the same bytes. */
  readonly report: (delta: FileDelta) => Promise<void>;
  /** A piece was refused for good. */
  readonly failed: (error: unknown) => void;
  /** What earlier runs have told already. */
  readonly told?: Tail;
}

/**
 * Writes the manifest's growing tail: a piece whenever more objects are in storage without a hole, one at a time. The
 * last object is told of by the final piece only, so a reader knows which record must carry the last flag.
 */
export class Announcer {
  readonly #deps: AnnouncerDeps;
  readonly #hashes: string[] = [];
  readonly #sizes: number[] = [];
  readonly #stored = new Set<number>();
  readonly #before: Tail;
  #points: Point[] = [];
  #contiguous: number;
  #told: number;
  #next: number;
  #last: number | undefined;
  /** Pieces go one after the other. */
  #telling: Promise<void> = Promise.resolve();

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
    this.#before = deps.told ?? emptyTail;
    this.#contiguous = this.#before.objects;
    this.#told = this.#before.objects;
    this.#next = this.#before.next;
  }

  /** A seek point of plaintext that is being read. */
  point(point: Point): void {
    if (point[1] >= this.#before.available) this.#points.push(point);
  }

  /** An object was made and will be stored. */
  made({ index, hash, bytes, last }: StoredObject): void {
    this.#hashes[index] = hash;
    this.#sizes[index] = bytes.length;
    if (last) this.#last = index;
  }

  /** An object is in storage. */
  stored(index: number): void {
    this.#stored.add(index);
    while (this.#stored.delete(this.#contiguous)) this.#contiguous++;
    this.#telling = this.#telling.then(() => this.#tell()).catch(this.#deps.failed);
  }

  /** After the last object: the final piece, and the stored sizes of all objects. `length` is the plaintext's; `original` where the source file begins in it. */
  async finish(length: number, original?: number): Promise<{ objects: number[]; delta: FileDelta }> {
    await this.#telling;
    const objects = this.#hashes.length;
    const digest = await hashesDigest(this.#hashes);
    const totals = { length, objects, digest, ...(original !== undefined && { original }) };
    const delta = await this.#piece(objects, length, totals);
    return { objects: this.#sizes, delta };
  }

  get #tellable(): number {
    return Math.min(this.#contiguous, this.#last ?? this.#contiguous);
  }

  async #tell(): Promise<void> {
    const objects = this.#tellable;
    if (objects === this.#told) return;
    await this.#deps.report(await this.#piece(objects, firstRecord(objects) * recordSize));
  }

  async #piece(
    objects: number,
    available: number,
    final?: NonNullable<ManifestDelta['final']>,
  ): Promise<FileDelta> {
    const { dek, fileId } = this.#deps;
    const n = this.#next++;
    const hashes = this.#hashes.slice(this.#told, objects);
    const reached = this.#points.findIndex(([, offset]) => offset >= available);
    const points = this.#points.splice(0, reached < 0 ? this.#points.length : reached);
    this.#told = objects;
    const delta: ManifestDelta = {
      v: 1,
      n,
      objects,
      available,
      index: thin(points).map(([time, offset]) => [time, offset]),
      hashes,
      ...(final && { final }),
    };
    return { n, sealed: toBase64(await sealDelta(dek, fileId, delta)) };
  }
}

/** At most as many points as a piece may have, evenly left out. */
function thin(points: readonly Point[]): readonly Point[] {
  const step = Math.ceil(points.length / maxSeekPointsInDelta);
  return step > 1 ? points.filter((_, i) => i % step === 0) : points;
}
