import { deriveMasterKey } from '../../../../crypto/account/index.ts';

/** What the worker tells: how long the key will take, in milliseconds; then the key, or that this machine could not make one. */
export type Derivation =
  | { readonly kind: 'started'; readonly expected: number }
  | { readonly kind: 'done'; readonly masterKey: Uint8Array }
  | { readonly kind: 'failed' };

const tell = (message: Derivation) => self.postMessage(message);

/** Argon2id takes a good part of a second and 64 MiB: not on a thread that has other work. */
self.onmessage = async ({ data }: MessageEvent<{ password: string; email: string }>) => {
  try {
    // Argon2 does not say how far it is. A sixteenth of the work, on this machine as busy as it is now, says how long the whole takes.
    const began = performance.now();
    await deriveMasterKey('calibration', 'calibration', { share: 16 });
    tell({ kind: 'started', expected: (performance.now() - began) * 16 });
    tell({ kind: 'done', masterKey: await deriveMasterKey(data.password, data.email) });
  } catch {
    tell({ kind: 'failed' });
  }
};
