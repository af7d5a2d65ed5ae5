// One upload in a process of its own, whose memory and time are told to who started it: `upload.ts`.

import { until } from '../web/src/engine/observable.ts';
import type { UploadApi } from '../web/src/engine/transfers/types.ts';
import { startUpload } from '../web/src/engine/transfers/upload.ts';
import { fileAt } from './file.ts';

const [path = '', storage = ''] = process.argv.slice(2);
const id = crypto.randomUUID();
const urls = (objects: readonly { index: number }[]) =>
  objects.map(({ index }) => ({
    index,
    url: `${storage}/${index}`,
    headers: { 'if-none-match': '*' },
    expiresAt: new Date(Date.now() + 300_000).toISOString(),
  }));
/** The service's answers, at once: what is measured is the client. */
const api = {
  startUpload: async ({ body }: { body: { objects: { index: number }[] } }) => ({
    objects: urls(body.objects),
  }),
  moreChunks: async ({ body }: { body: { objects: { index: number }[] } }) => ({
    objects: urls(body.objects),
  }),
  reportProgress: async () => undefined,
  completeUpload: async () => undefined,
} as unknown as UploadApi;

const source = await fileAt(path, 'large.bin');
globalThis.gc?.();
const before = process.memoryUsage().rss;
let peak = before;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
const began = performance.now();
let firstLeft: number | undefined;
const upload = startUpload(source, {
  api,
  roomId: id,
  fileId: id,
  me: { userId: id, identityKey: Uint8Array.of(5, ...new Uint8Array(32).fill(9)) },
  recipients: [],
  fetch: (url, init) => {
    firstLeft ??= performance.now() - began;
    return fetch(url, init);
  },
  journal: { begun: async () => undefined, made: async () => undefined },
});
await until(upload.progress, ({ state }) => state === 'done' || state === 'failed');
await upload.done;
clearInterval(watch);
process.send?.({
  firstLeft,
  seconds: (performance.now() - began) / 1000,
  grown: peak - before,
  peak,
});
process.disconnect?.();
