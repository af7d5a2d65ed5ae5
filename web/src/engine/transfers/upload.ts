import {
  createFileKey,
  createPrefix,
  keyCommitment,
  manifestHash,
  recordCipher,
  sealHead,
  wrapKey,
} from '../../../../crypto/file/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { Announcer } from './announcer.ts';
import { asTransferError, TransferError } from './errors.ts';
import { Meter } from './meter.ts';
import { fullObjectSize, objectSizes, sealObjects } from './objects.ts';
import { PutUrls, putObject, urlBatch, type Wanted } from './put.ts';
import { persist } from './retry.ts';
import { type OpenSource, openSource } from './source.ts';
import type { Recipient, Upload, UploadDeps, UploadedHead, UploadSource } from './types.ts';

/** Objects on their way at once, at most. */
const concurrency = 4;
/**
 * Seconds of the line that may be on their way. Objects that share a slow line all arrive late, and whoever watches
 * waits for the first of them: there they go one after the other, on a fast line several at once.
 */
const lineAhead = 2;
/** How long a cancelled upload tries to remove what it has sent, in ms; the service's own expiry does the rest. */
const removalPatience = 10_000;

/**
 * Encrypts and sends a file while it is read. Everything that runs is here, for browsers (in a worker, `upload.host.ts`)
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
    cancel: () => run.cancel(),
  };
}

class Run {
  readonly head = Promise.withResolvers<UploadedHead>();
  readonly meter: Meter;
  readonly #source: UploadSource;
  readonly #deps: UploadDeps;
  readonly #stop = new AbortController();
  #cancelled = false;
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
      const failure = this.#cancelled ? new TransferError('cancelled') : asTransferError(cause, 'source');
      this.meter.enter(
        this.#cancelled ? 'cancelled' : 'failed',
        this.#cancelled ? undefined : failure.message,
      );
      this.head.reject(failure);
      if (this.#announced) await this.#remove();
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

  cancel(): void {
    if (this.#ended) return;
    this.#cancelled = true;
    this.#stop.abort();
    this.#resumed?.resolve();
  }

  get #ended(): boolean {
    const { state } = this.meter.progress.get();
    return state === 'done' || state === 'failed' || state === 'cancelled';
  }

  async #send(): Promise<void> {
    const { fileId } = this.#deps;
    const open = await openSource(this.#source).catch((cause) => {
      throw new TransferError('source', { cause });
    });
    try {
      const dek = createFileKey();
      const prefix = createPrefix();
      const urls = new PutUrls((objects) => this.#sign(objects), likelySizes(open.size));
      await this.#announce({ ...open.head, prefix: toBase64(prefix) }, dek, urls);
      const announcer = new Announcer({
        dek,
        fileId,
        report: (delta) =>
          this.#call(() => this.#deps.api.reportProgress({ params: { id: fileId }, body: delta })),
        failed: (error) => this.#stop.abort(error),
      });
      let length = 0;
      const plaintext = async function* () {
        for await (const { bytes, point } of open.pieces()) {
          if (point) announcer.point(point);
          length += bytes.length;
          yield bytes;
        }
      };
      await this.#store(sealObjects(await recordCipher(dek, fileId, prefix), plaintext()), urls, announcer);
      const body = await announcer.finish(length);
      this.#stop.signal.throwIfAborted();
      await this.#call(() => this.#deps.api.completeUpload({ params: { id: fileId }, body }));
    } finally {
      open.dispose();
    }
  }

  /** Tells the service of the file and takes the first URLs; then the room may hear of it. */
  async #announce(head: ManifestHead, dek: Uint8Array, urls: PutUrls): Promise<void> {
    const { api, roomId, fileId, me, recipients, expiry } = this.#deps;
    const sealed = await sealHead(dek, fileId, head);
    const wrap = async ({ userId, identityKey }: Recipient) =>
      toBase64(await wrapKey(dek, identityKey, { roomId, fileId, recipientId: userId }));
    const others = recipients.filter(({ userId }) => userId !== me.userId);
    const wanted = urls.ahead(0, urlBatch);
    const body = {
      id: fileId,
      chatroomId: roomId,
      fileName: toBase64(sealed),
      encryptedKey: await wrap(me),
      keys: await Promise.all(
        others.map(async (to) => ({ userId: to.userId, encryptedKey: await wrap(to) })),
      ),
      objects: wanted,
      ...(expiry && { expiry: expiry.toISOString() }),
    };
    this.#announced = true;
    const { objects } = await this.#call(() => api.startUpload({ body }));
    urls.add(wanted, objects);
    this.head.resolve({
      fileId,
      commitment: toBase64(await keyCommitment(dek, fileId)),
      manifestHash: toBase64(await manifestHash(sealed)),
      head,
    });
    if (!this.#resumed) this.meter.enter('uploading');
  }

  /** Stores objects as they are made, a few at once; the first failure stops all. */
  async #store(objects: ReturnType<typeof sealObjects>, urls: PutUrls, announcer: Announcer): Promise<void> {
    const { fetch } = this.#deps;
    const { signal } = this.#stop;
    const turn = () => this.#turn();
    const waiting = () => this.#wait();
    const sending = new Set<Promise<void>>();
    let made = 0;
    let underWay = 0;
    const mayGo = (bytes: number) =>
      sending.size === 0 ||
      (sending.size < concurrency &&
        underWay + bytes <= lineAhead * this.meter.progress.get().bytesPerSecond);
    for await (const object of objects) {
      signal.throwIfAborted();
      while (!mayGo(object.bytes.length)) await Promise.race(sending);
      announcer.made(object);
      made += object.bytes.length;
      underWay += object.bytes.length;
      if (object.last) this.meter.expect(made);
      const sent = putObject(object, { fetch, urls, signal, turn, waiting }).then(() => {
        sending.delete(sent);
        underWay -= object.bytes.length;
        this.meter.add(object.bytes.length);
        if (!this.#resumed) this.meter.enter('uploading');
        announcer.stored(object.index);
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
