import type { Derived } from './account/kdf.worker.ts';
import { createEngine } from './index.ts';
import { type Engine, EngineError } from './types.ts';

/** The engine as a page runs it: this origin, the cookie, Argon2id in a worker of its own so that the page stays alive. */
export function createBrowserEngine(): Engine {
  return createEngine({
    origin: location.origin,
    storeName: 'stream-chat',
    transport: 'cookie',
    deriveMasterKey,
  });
}

function deriveMasterKey(password: string, email: string): Promise<Uint8Array> {
  const worker = new Worker(new URL('./account/kdf.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Uint8Array>((resolve, reject) => {
    const fail = () =>
      reject(
        new EngineError(
          'no-keys',
          'Your keys could not be made in this browser: it may be short of memory. Close other tabs and try again.',
        ),
      );
    worker.onmessage = ({ data }: MessageEvent<Derived>) =>
      data.masterKey ? resolve(data.masterKey) : fail();
    worker.onerror = fail;
    worker.postMessage({ password, email });
  }).finally(() => worker.terminate());
}
