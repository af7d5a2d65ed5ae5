import {
  emptyTail,
  keyCommitment,
  manifestHash,
  recordCipher,
  type Tail,
  wrapKey,
} from '../../../../crypto/file/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { Announcer } from './announcer.ts';
import { asTransferError, mayGoOn, TransferError } from './errors.ts';
import { Buffers, callCollector } from './memory.ts';
import { Meter } from './meter.ts';
import { fullObjectSize, objectSizes, sealObjects } from './objects.ts';
import { PutUrls, putObject, urlBatch, type Wanted } from './put.ts';
import { persist } from './retry.ts';
import { type OpenSource, openSource } from './source.ts';
import type { Recipient, Upload, UploadDeps, UploadedHead, UploadPlan, UploadSource } from './types.ts';
import { headOfPlan, planUpload, readTail } from './upload-plan.ts';

/** Objects on their way at once, at most. */
const concurrency = 3;
/**
 * Seconds of the line that may be on their way. Objects that share a slow line all arrive late, and whoever watches
 * waits for the first of them: there they go one after the other, on a fast line several at once.
 */
const lineAhead = 2;
/** How long a cancelled upload tries to remove what it has sent, in ms; the service's own expiry does the rest. */
const removalPatience = 10_000;

/**
 * Encrypts and sends a file while it is read; or goes on with one of which an earlier run has sent a part: the same plan, so the
 * same bytes, which is checked before any of them leave. Everything that runs is here, for browsers (in a worker, `upload.host.ts`)
 * and Node alike. Memory is bounded by a few objects of 8 MiB, whatever the size of the file.
 */
export function startUpload(source: UploadSource, deps: UploadDeps): Upload {
  const run = new Run(source, deps);
  const done = run.start();
  // Whoever doesn't look at one of the two promises still hears of a failure by `progress`.
  done.catch(() => undefined);
  run.head.promise.catch(() => undefined);
  return {
    head: run.head.promise,
    done,
    progress: run.meter.progress,
    pause: () => run.pause(),
    resume: () => run.resume(),
    cancel: () => run.end('cancelled'),
    stop: () => run.end('stopped'),
  };
}

class Run {
  readonly head = Promise.withResolvers<UploadedHead>();
  readonly meter: Meter;
  readonly #source: UploadSource;
  readonly #deps: UploadDeps;
  readonly #stop = new AbortController();
  #ending: 'cancelled' | 'stopped' | undefined;
  /** Whether the service may know of the file. */
  #announced = false;
  #paused = new AbortController();
  #resumed: PromiseWithResolvers<void> | undefined;

  constructor(source: UploadSource, deps: UploadDeps) {
    this.#source = source;
    this.#deps = deps;
    this.meter = new Meter(sum(objectSizes(source.size)));
  }

  async start(): Promise<void> {
    try {
      await this.#send();
      this.meter.enter('done');
    } catch (error) {
      // What stopped the rest came first; the others only say that they were stopped.
      const cause = this.#stop.signal.aborted ? this.#stop.signal.reason : error;
      this.#stop.abort();
      const failure = this.#ending ? new TransferError(this.#ending) : asTransferError(cause, 'source');
      this.meter.enter(this.#ending ?? 'failed', this.#ending ? undefined : failure.message);
      this.head.reject(failure);
      if (this.#announced && !mayGoOn.has(failure.reason)) await this.#remove();
      throw failure;
    }
  }

  pause(): void {
    if (this.#resumed || this.#ended) return;
    this.#resumed = Promise.withResolvers();
    this.#paused.abort();
    this.meter.enter('paused');
  }

  resume(): void {
    if (!this.#resumed || this.#ended) return;
    this.#paused = new AbortController();
    this.#resumed.resolve();
    this.#resumed = undefined;
    this.meter.enter('uploading');
  }

  end(how: 'cancelled' | 'stopped'): void {
    if (this.#ended) return;
    this.#ending = how;
    this.#stop.abort();
    this.#resumed?.resolve();
  }

  get #ended(): boolean {
    const { state } = this.meter.progress.get();
    return state === 'done' || state === 'failed' || state === 'cancelled' || state === 'stopped';
  }

  async #send(): Promise<void> {
    const { fileId, journal, earlier, keepOriginal } = this.#deps;
    const open = await openSource(this.#source, keepOriginal).catch((cause) => {
      throw new TransferError('source', { cause });
    });
    try {
      const plan = earlier ?? (await planUpload(open.head, this.#deps));
      const { dek } = plan;
      const head = await headOfPlan(plan, fileId, open.head);
      const urls = new PutUrls((objects) => this.#sign(objects), likelySizes(open.size));
      if (!earlier) await journal.begun(plan);
      // Where no object was made it may never have heard of the file: announcing it again does no harm.
      const left = earlier && earlier.hashes.length > 0;
      const told = (left && (await this.#told(plan))) || (await this.#announce(plan, urls));
      await this.#introduce(plan, head);
      if (told.complete) return;
      const announcer = new Announcer({
        dek,
        fileId,
        report: (delta) =>
          this.#call(() => this.#deps.api.reportProgress({ params: { id: fileId }, body: delta })),
        failed: (error) => this.#stop.abort(error),
        told,
      });
      let length = 0;
      let original: number | undefined;
      const plaintext = async function* () {
        for await (const piece of open.pieces()) {
          if (piece.point) announcer.point(piece.point);
          length += piece.bytes.length;
          if (piece.original) original = length;
          yield piece.bytes;
        }
      };
      const cipher = await recordCipher(dek, fileId, fromBase64(head.prefix));
      await this.#store((buffers) => sealObjects(cipher, plaintext(), buffers), told, urls, announcer);
      const body = await announcer.finish(length, original);
      this.#stop.signal.throwIfAborted();
      await this.#call(() => this.#deps.api.completeUpload({ params: { id: fileId }, body }));
    } finally {
      open.dispose();
    }
  }

  /** What the service has been told of a file that an earlier run has begun; undefined when it does not know the file. */
  async #told({ dek }: UploadPlan): Promise<Tail | undefined> {
    const { api, fileId } = this.#deps;
    const get = (deltas: number) =>
      this.#call(() => api.getFile({ params: { id: fileId }, query: { from: 0, count: 0, deltas } }));
    try {
      const tail = await readTail(dek, fileId, async (from) => (await get(from)).deltas);
      this.#announced = true;
      return tail;
    } catch (error) {
      if (error instanceof TransferError && error.reason === 'deleted') return undefined;
      throw error;
    }
  }

  /** Tells the service of the file and takes the first URLs. */
  async #announce({ dek, sealedHead, encryptedKey }: UploadPlan, urls: PutUrls): Promise<Tail> {
    const { api, roomId, fileId, me, recipients, expiry } = this.#deps;
    const wrap = async ({ userId, identityKey }: Recipient) =>
      toBase64(await wrapKey(dek, identityKey, { roomId, fileId, recipientId: userId }));
    const others = recipients.filter(({ userId }) => userId !== me.userId);
    const wanted = urls.ahead(0, urlBatch);
    const body = {
      id: fileId,
      chatroomId: roomId,
      fileName: toBase64(sealedHead),
      encryptedKey: toBase64(encryptedKey),
      keys: await Promise.all(
        others.map(async (to) => ({ userId: to.userId, encryptedKey: await wrap(to) })),
      ),
      objects: wanted,
      // What the service has no room for it refuses now, not near the end.
      size: this.meter.progress.get().total,
      ...(expiry && { expiry: expiry.toISOString() }),
    };
    this.#announced = true;
    const { objects } = await this.#call(() => api.startUpload({ body }));
    urls.add(wanted, objects);
    return emptyTail;
  }

  /** From here on the room may hear of the file. */
  async #introduce({ dek, sealedHead }: UploadPlan, head: ManifestHead): Promise<void> {
    const { fileId } = this.#deps;
    this.head.resolve({
      fileId,
      commitment: toBase64(await keyCommitment(dek, fileId)),
      manifestHash: toBase64(await manifestHash(sealedHead)),
      head,
    });
    if (!this.#resumed) this.meter.enter('uploading');
  }

  /** Stores objects as they are made, those that were `told` of excepted, a few at once; the first failure stops all. */
  async #store(
    seal: (buffers: Buffers) => ReturnType<typeof sealObjects>,
    told: Tail,
    urls: PutUrls,
    announcer: Announcer,
  ): Promise<void> {
    const { fetch, journal, earlier } = this.#deps;
    const { signal } = this.#stop;
    const turn = () => this.#turn();
    const waiting = () => this.#wait();
    const buffers = new Buffers();
    const sending = new Set<Promise<void>>();
    let made = 0;
    let underWay = 0;
    const mayGo = (bytes: number) =>
      sending.size === 0 ||
      (sending.size < concurrency &&
        underWay + bytes <= lineAhead * this.meter.progress.get().bytesPerSecond);
    for await (const object of seal(buffers)) {
      signal.throwIfAborted();
      const { index, hash } = object;
      // Other bytes than those that left before would be a second plaintext under the same nonces.
      const left = earlier?.hashes[index];
      if ((left ?? hash) !== hash || (told.hashes[index] ?? hash) !== hash)
        throw new TransferError('other-file');
      if (left === undefined) await journal.made({ index, hash });
      while (!mayGo(object.bytes.length)) await Promise.race(sending);
      announcer.made(object);
      made += object.bytes.length;
      if (index < told.objects) {
        this.meter.had(object.bytes.length);
        buffers.give(object.bytes);
        continue;
      }
      const { length } = object.bytes;
      underWay += length;
      if (object.last) this.meter.expect(made);
      const sent = putObject(object, { fetch, urls, signal, turn, waiting }).then(() => {
        sending.delete(sent);
        buffers.give(object.bytes);
        callCollector();
        underWay -= length;
        this.meter.add(length);
        if (!this.#resumed) this.meter.enter('uploading');
        announcer.stored(index);
      });
      sending.add(sent);
      sent.catch((error) => this.#stop.abort(error));
    }
    await Promise.all(sending);
  }

  async #turn(): Promise<AbortSignal> {
    await this.#resumed?.promise;
    this.#stop.signal.throwIfAborted();
    return this.#paused.signal;
  }

  #wait(): void {
    if (!this.#resumed && !this.#ended) this.meter.enter('waiting');
  }

  async #sign(objects: Wanted[]) {
    const { api, fileId } = this.#deps;
    const reply = await this.#call(() => api.moreChunks({ params: { id: fileId }, body: { objects } }));
    return reply.objects;
  }

  #call<T>(call: () => Promise<T>): Promise<T> {
    return persist(call, this.#stop.signal, () => this.#wait());
  }

  /** Best effort: the upload has ended one way or the other. */
  async #remove(): Promise<void> {
    const { api, fileId } = this.#deps;
    const patience = AbortSignal.timeout(removalPatience);
    await persist(() => api.deleteFile({ params: { id: fileId } }), patience).catch(() => undefined);
  }
}

/**
 * Sizes of objects that aren't made yet. A remuxed film comes out about as large as it was, so objects well within it
 * will be full; its last ones are signed when they are known.
 */
function likelySizes(size: OpenSource['size']): (index: number) => number | undefined {
  const sizes = objectSizes(size.bytes);
  if (size.exact) return (index) => sizes[index];
  const sure = Math.floor((sizes.length - 1) * 0.9);
  return (index) => (index < sure ? fullObjectSize(index) : undefined);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
