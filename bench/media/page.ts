// What runs in Chromium: plain ways of playing and sending, and ours. Everything is timed where it happens.
import { attachMedia } from '../../web/src/engine/media/index.ts';
import { openFile, startUpload } from '../../web/src/engine/transfers/index.ts';
import { openFilm } from '../../web/src/engine/transfers/tracks/remux.ts';
import type { DownloadApi, OpenedFile, SaveTarget, UploadApi } from '../../web/src/engine/transfers/types.ts';
import { placeOfLive, sendLive, stopLive, watchLive } from './live-page.ts';

interface Sealed {
  readonly dek: string;
  readonly commitment: string;
  readonly manifestHash: string;
}

const fileId = '01930000-0000-7000-8000-000000000001';
const bytesOf = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
/** Nothing is to come from a cache. */
const fresh = (path: string) => `${path}?${Math.random()}`;
const get = (url: string, init?: RequestInit) => fetch(url, { ...init, cache: 'no-store' });

function freshVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, autoplay: true, preload: 'auto', width: 320, height: 180 });
  document.body.replaceChildren(video, picker());
  return video;
}

function picker(): HTMLInputElement {
  const input =
    (document.getElementById('file') as HTMLInputElement | null) ?? document.createElement('input');
  Object.assign(input, { type: 'file', id: 'file' });
  return input;
}

const frame = (video: HTMLVideoElement) =>
  new Promise<void>((seen) => video.requestVideoFrameCallback(() => seen()));

/** Milliseconds to the first picture, and from a jump to `seekTo` to the picture there. */
async function watch(video: HTMLVideoElement, began: number, seekTo?: number): Promise<[number, number]> {
  await frame(video);
  const first = performance.now() - began;
  if (seekTo === undefined) return [first, 0];
  const jumped = performance.now();
  const sought = new Promise((done) => video.addEventListener('seeked', done, { once: true }));
  video.currentTime = seekTo;
  await sought;
  await frame(video);
  return [first, performance.now() - jumped];
}

async function plain(seekTo?: number): Promise<[number, number]> {
  const video = freshVideo();
  const began = performance.now();
  video.src = fresh('/plain.mp4');
  const times = await watch(video, began, seekTo);
  video.removeAttribute('src');
  video.load();
  return times;
}

async function plainMse(): Promise<number> {
  const video = freshVideo();
  const began = performance.now();
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  const abort = new AbortController();
  const body = get(fresh('/fragmented.mp4'), { signal: abort.signal });
  await new Promise((open) => source.addEventListener('sourceopen', open, { once: true }));
  const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.4d400d,mp4a.40.2"');
  const feed = async () => {
    const reader = (await body).body!.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const appended = new Promise((done) => buffer.addEventListener('updateend', done, { once: true }));
      buffer.appendBuffer(next.value);
      await appended;
    }
  };
  feed().catch(() => undefined);
  const [first] = await watch(video, began);
  abort.abort();
  video.removeAttribute('src');
  video.load();
  return first;
}

async function open(path: string): Promise<OpenedFile> {
  const sealed = (await (await get(`${path}/sealed`)).json()) as Sealed;
  return openSealed(path, sealed);
}

const openSealed = (path: string, { dek, commitment, manifestHash }: Sealed): Promise<OpenedFile> =>
  openFile({
    api: {
      getFile: async ({ query }: { query: Record<string, unknown> }) =>
        (await get(`${path}/file?${new URLSearchParams(query as Record<string, string>)}`)).json(),
    } as unknown as DownloadApi,
    fileId,
    commitment,
    manifestHash,
    unwrap: async () => bytesOf(dek),
    subscribe: () => () => undefined,
    fetch: get,
  });

/** Ours; `opened`: as a card does before anybody presses play, else from nothing. */
async function ours(opened: boolean, seekTo?: number): Promise<[number, number]> {
  const video = freshVideo();
  const sealed = (await (await get('/film/sealed')).json()) as Sealed;
  const before = opened ? await openSealed('/film', sealed) : undefined;
  const began = performance.now();
  const file = before ?? (await openSealed('/film', sealed));
  const session = attachMedia(video, file);
  const times = await watch(video, began, seekTo);
  session.dispose();
  file.close();
  return times;
}

const picked = () => (document.getElementById('file') as HTMLInputElement).files![0]!;

const urls = (objects: readonly { index: number }[]) => ({
  objects: objects.map(({ index }) => ({
    index,
    url: `${location.origin}/drain/${index}`,
    headers: { 'if-none-match': '*' },
    expiresAt: new Date(Date.now() + 300_000).toISOString(),
  })),
});

/** Seconds that an upload of the picked file takes, with a service that answers at once. */
async function upload(): Promise<number> {
  const began = performance.now();
  const run = startUpload(picked(), {
    api: {
      startUpload: async ({ body }: { body: { objects: [] } }) => urls(body.objects),
      moreChunks: async ({ body }: { body: { objects: [] } }) => urls(body.objects),
      reportProgress: async () => undefined,
      completeUpload: async () => undefined,
    } as unknown as UploadApi,
    roomId: fileId,
    fileId,
    me: { userId: fileId, identityKey: Uint8Array.of(5, ...new Uint8Array(32).fill(9)) },
    recipients: [],
    fetch: get,
    journal: { begun: async () => undefined, made: async () => undefined },
  });
  await run.done;
  return (performance.now() - began) / 1000;
}

/** Seconds that the picked file takes in the clear: read in slices of 8 MiB, four at once. */
async function plainSlices(): Promise<number> {
  const file = picked();
  const size = 8 * 2 ** 20;
  let next = 0;
  const began = performance.now();
  const lane = async () => {
    while (next < file.size) {
      const slice = file.slice(next, (next += size));
      await (await fetch('/drain/0', { method: 'PUT', body: await slice.arrayBuffer() })).text();
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  return (performance.now() - began) / 1000;
}

/** Seconds that plain PUTs of as many bytes take: 8 MiB each, four at once, from memory. */
async function plainPuts(bytes: number): Promise<number> {
  const body = new Uint8Array(8 * 2 ** 20);
  let left = Math.ceil(bytes / body.length);
  const began = performance.now();
  const lane = async () => {
    while (left-- > 0) await (await fetch('/drain/0', { method: 'PUT', body })).text();
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  return (performance.now() - began) / 1000;
}

/** Seconds that remuxing the picked film takes. */
async function remux(): Promise<number> {
  const began = performance.now();
  const film = await openFilm(picked());
  if (film?.as !== 'tracks') throw new Error('it is no film that is sent as its tracks');
  for await (const _ of film.pieces());
  film.dispose();
  return (performance.now() - began) / 1000;
}

/** Seconds that saving the large file into the browser's own file system takes. */
async function save(): Promise<number> {
  const file = await open('/large');
  const directory = await navigator.storage.getDirectory();
  const place = await directory.getFileHandle('saved', { create: true });
  const began = performance.now();
  await file.save((await place.createWritable()) as unknown as SaveTarget);
  const seconds = (performance.now() - began) / 1000;
  const { size } = await place.getFile();
  file.close();
  await directory.removeEntry('saved');
  if (size !== file.head.size) throw new Error(`saved ${size} bytes of ${file.head.size}`);
  return seconds;
}

/** Of the films that are measured. */
const picturesPerSecond = 30;

/** Plays the film from `path` at so many times its speed, and counts how often it had to wait on the way, and how long (ms). */
async function playThrough(path: string, rate: number): Promise<[number, number]> {
  const video = freshVideo();
  const file = await open(path);
  const session = attachMedia(video, file);
  await frame(video);
  video.playbackRate = rate;
  let [waits, waited, since] = [0, 0, 0];
  video.addEventListener('waiting', () => {
    if (video.currentTime < video.duration - 0.5) since = performance.now();
  });
  video.addEventListener('playing', () => {
    const stood = since ? performance.now() - since : 0;
    since = 0;
    // Nobody sees what is over before the next picture would have come.
    if (stood <= 1000 / picturesPerSecond / rate) return;
    waits++;
    waited += stood;
  });
  await new Promise((end) => video.addEventListener('ended', end, { once: true }));
  session.dispose();
  file.close();
  return [waits, waited];
}

document.body.replaceChildren(picker());
Object.assign(globalThis, {
  sendLive,
  stopLive,
  watchLive,
  placeOfLive,
  plainSlices,
  playThrough,
  plain,
  plainMse,
  ours,
  upload,
  plainPuts,
  remux,
  save,
});
