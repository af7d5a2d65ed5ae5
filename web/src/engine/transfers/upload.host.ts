import { m, spoken } from '../../language/index.ts';
import { toAnswer } from '../answer.ts';
import { Subject } from '../observable.ts';
import { TransferError } from './errors.ts';
import type { Upload, UploadDeps, UploadedHead, UploadProgress, UploadSource } from './types.ts';
import type { FromWorker, ToWorker } from './upload.messages.ts';

/** `startUpload` in a worker of its own; storage is reached by the worker's `fetch`, not by `deps.fetch`. */
export function startUploadInWorker(source: UploadSource, deps: UploadDeps): Upload {
  const worker = new Worker(new URL('./upload.worker.ts', import.meta.url), { type: 'module' });
  const post = (message: ToWorker) => worker.postMessage(message);
  const { api, journal, fetch: _, ...rest } = deps;
  const page = { ...api, begun: journal.begun.bind(journal), made: journal.made.bind(journal) };
  const head = Promise.withResolvers<UploadedHead>();
  const done = Promise.withResolvers<void>();
  const progress = new Subject<UploadProgress>({
    state: 'preparing',
    sent: 0,
    total: source.size,
    bytesPerSecond: 0,
  });
  // Whoever doesn't look at one of the two promises still hears of a failure by `progress`.
  head.promise.catch(() => undefined);
  done.promise.catch(() => undefined);
  const fail = (error: TransferError) => {
    head.reject(error);
    done.reject(error);
    worker.terminate();
  };

  worker.addEventListener('message', async ({ data }: MessageEvent<FromWorker>) => {
    switch (data.t) {
      case 'call': {
        const perform = page[data.name] as (args: unknown) => Promise<unknown>;
        return post({ t: 'answer', call: data.call, answer: await toAnswer(perform(data.args)) });
      }
      case 'progress':
        return progress.set(data.progress);
      case 'head':
        return head.resolve(data.head);
      case 'done':
        done.resolve();
        return worker.terminate();
      case 'failed':
        return fail(new TransferError(data.reason, { message: data.message }));
    }
  });
  worker.addEventListener('error', () => {
    const failure = new TransferError('unsupported', { message: m.engine_uploadNotStarted() });
    progress.set({ ...progress.get(), state: 'failed', bytesPerSecond: 0, problem: failure.message });
    fail(failure);
  });
  post({ t: 'start', file: source, name: source.name, deps: rest, language: spoken() });
  return {
    head: head.promise,
    done: done.promise,
    progress,
    pause: () => post({ t: 'pause' }),
    resume: () => post({ t: 'resume' }),
    cancel: () => post({ t: 'cancel' }),
    stop: () => post({ t: 'stop' }),
  };
}
