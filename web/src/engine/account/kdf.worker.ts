import { deriveMasterKey } from '../../../../crypto/account/index.ts';

/** What the worker answers; no key where the machine could not make one. */
export interface Derived {
  readonly masterKey?: Uint8Array;
}

/** Argon2id takes a good part of a second and 64 MiB: not on the page's thread. */
self.onmessage = async ({ data }: MessageEvent<{ password: string; email: string }>) => {
  const masterKey = await deriveMasterKey(data.password, data.email).catch(() => undefined);
  self.postMessage({ ...(masterKey && { masterKey }) } satisfies Derived);
};
