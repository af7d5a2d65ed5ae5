import { Subject } from '../observable.ts';
import { TransferError } from './errors.ts';
import type { Upload, UploadedHead, UploadProgress } from './types.ts';

/** So many at a time, first come, first served. */
export class Lanes {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Calls `enter` when a lane is free, with what gives it back (once; more does nothing). Answers how to leave the queue. */
  enter(enter: (leave: () => void) => void): () => void {
    const begin = () => {
      this.#free--;
      let inside = true;
      enter(() => {
        if (!inside) return;
        inside = false;
        this.#free++;
        this.#waiting.shift()?.();
      });
    };
    if (this.#free > 0) begin();
    else this.#waiting.push(begin);
    return () => {
      const place = this.#waiting.indexOf(begin);
      if (place >= 0) this.#waiting.splice(place, 1);
    };
  }
}

/**
 * An upload that starts when a lane is free: somebody who drops a hundred files gets them sent in their order, not a hundred
 * threads with their buffers. One that is paused leaves its lane to the next, and takes none when it goes on.
 */
export function queueUpload(lanes: Lanes, size: number, start: () => Upload): Upload {
  const head = Promise.withResolvers<UploadedHead>();
  const done = Promise.withResolvers<void>();
  const progress = new Subject<UploadProgress>({ state: 'queued', sent: 0, total: size, bytesPerSecond: 0 });
  // Whoever doesn't look at one of the two promises still hears of a failure by `progress`.
  head.promise.catch(() => undefined);
  done.promise.catch(() => undefined);
  let upload: Upload | undefined;
  let release: (() => void) | undefined;
  const dequeue = lanes.enter((leave) => {
    release = leave;
    upload = start();
    upload.progress.subscribe((now) => progress.set(now));
    progress.set(upload.progress.get());
    upload.head.then(head.resolve, head.reject);
    upload.done.finally(leave).then(done.resolve, done.reject);
  });
  const end = (how: 'cancelled' | 'stopped') => {
    if (upload) return how === 'cancelled' ? upload.cancel() : upload.stop();
    if (progress.get().state !== 'queued') return;
    dequeue();
    progress.set({ ...progress.get(), state: how });
    head.reject(new TransferError(how));
    done.reject(new TransferError(how));
  };
  return {
    head: head.promise,
    done: done.promise,
    progress,
    pause: () => {
      upload?.pause();
      release?.();
    },
    resume: () => upload?.resume(),
    cancel: () => end('cancelled'),
    stop: () => end('stopped'),
  };
}
