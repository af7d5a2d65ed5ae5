import { deriveMasterKey } from '../../../../crypto/account/index.ts';

/** Argon2id takes a good part of a second and 64 MiB: not on the page's thread. */
self.onmessage = async ({ data }: MessageEvent<{ password: string; email: string }>) => {
  self.postMessage(await deriveMasterKey(data.password, data.email));
};
