import { m } from '../../language/index.ts';
import { NetworkError } from '../api.ts';
import { EngineError, type KeyWork } from '../types.ts';
import type { Derivation } from './kdf.worker.ts';

/** How often progress is told, in milliseconds. */
const tick = 50;

/** Argon2id in a worker of its own: it can be given up, and its 64 MiB go with it. Throws EngineError `no-keys`. */
export function deriveInWorker(password: string, email: string, { signal, onProgress }: KeyWork = {}) {
  const worker = new Worker(new URL('./kdf.worker.ts', import.meta.url), { type: 'module' });
  let timer: ReturnType<typeof setInterval> | undefined;
  return new Promise<Uint8Array>((resolve, reject) => {
    const fail = () => reject(new EngineError('no-keys', m.engine_keysNotMade()));
    const follow = (expected: number) => {
      const began = performance.now();
      // An estimate: it never says that it is done before it is.
      const show = () => onProgress?.(Math.min(0.95, (performance.now() - began) / expected));
      timer = setInterval(show, tick);
    };
    worker.onmessage = ({ data }: MessageEvent<Derivation>) => {
      if (data.kind === 'started') return follow(data.expected);
      if (data.kind === 'failed') return fail();
      onProgress?.(1);
      resolve(data.masterKey);
    };
    // A script that could not be fetched tells no more than that something went wrong.
    worker.onerror = (event) => (event instanceof ErrorEvent ? fail() : reject(new NetworkError()));
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    signal?.throwIfAborted();
    worker.postMessage({ password, email });
  }).finally(() => {
    clearInterval(timer);
    worker.terminate();
  });
}
