import type { Derivation } from './account/kdf.worker.ts';
import { createEngine } from './index.ts';
import { type Engine, EngineError, type KeyWork } from './types.ts';

/** The engine as a page runs it: this origin, the cookie, Argon2id in a worker of its own so that the page stays alive. */
export function createBrowserEngine(): Engine {
  return createEngine({
    origin: location.origin,
    storeName: 'stream-chat',
    transport: 'cookie',
    deviceName: browserName(navigator.userAgent),
    deriveMasterKey,
  });
}

/** "Firefox on Linux": as much as a person needs to tell their browsers apart. */
export function browserName(agent: string): string {
  const first = (names: readonly (readonly [RegExp, string])[], other: string) =>
    names.find(([pattern]) => pattern.test(agent))?.[1] ?? other;
  const browser = first(
    [
      [/Edg\//, 'Edge'],
      [/OPR\//, 'Opera'],
      [/Firefox\/|FxiOS\//, 'Firefox'],
      [/Chrome\/|CriOS\//, 'Chrome'],
      [/Safari\//, 'Safari'],
    ],
    'Browser',
  );
  const system = first(
    [
      [/iPhone/, 'iPhone'],
      [/iPad/, 'iPad'],
      [/Android/, 'Android'],
      [/Windows/, 'Windows'],
      [/Mac OS X/, 'Mac'],
      [/Linux|CrOS/, 'Linux'],
    ],
    '',
  );
  return system ? `${browser} on ${system}` : browser;
}

/** How often progress is told, in milliseconds. */
const tick = 50;

function deriveMasterKey(password: string, email: string, { signal, onProgress }: KeyWork = {}) {
  const worker = new Worker(new URL('./account/kdf.worker.ts', import.meta.url), { type: 'module' });
  let timer: ReturnType<typeof setInterval> | undefined;
  return new Promise<Uint8Array>((resolve, reject) => {
    const fail = () =>
      reject(
        new EngineError(
          'no-keys',
          'Your keys could not be made in this browser: it may be short of memory. Close other tabs and try again.',
        ),
      );
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
    worker.onerror = fail;
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    signal?.throwIfAborted();
    worker.postMessage({ password, email });
  }).finally(() => {
    clearInterval(timer);
    worker.terminate();
  });
}
