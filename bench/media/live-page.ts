// In Chromium: one page sends a film, another watches it while it comes.
import { attachMedia } from '../../web/src/engine/media/index.ts';
import { openFile, startUpload } from '../../web/src/engine/transfers/index.ts';
import type {
  DownloadApi,
  FileEvent,
  OpenDeps,
  Upload,
  UploadApi,
} from '../../web/src/engine/transfers/types.ts';
import type { LiveNews } from './live-server.ts';

const fileId = '01930000-0000-7000-8000-000000000001';
/** The clock that all pages of this machine share, ms. */
const now = () => performance.timeOrigin + performance.now();
const toText = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const toBytes = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

let upload: Upload | undefined;
let video: HTMLVideoElement | undefined;

/** Sends the picked file as `name`, from now on; answers when it began. */
export async function sendLive(name: string): Promise<number> {
  const began = now();
  const file = (document.getElementById('file') as HTMLInputElement).files![0]!;
  const tell = async (news: LiveNews) =>
    void (await fetch(`/live/${name}/news`, { method: 'POST', body: JSON.stringify(news) }));
  const urls = (objects: readonly { index: number }[]) => ({
    objects: objects.map(({ index }) => ({
      index,
      url: `${location.origin}/live/${name}/objects/${index}`,
      headers: {},
      expiresAt: new Date(Date.now() + 300_000).toISOString(),
    })),
  });
  let dek = '';
  upload = startUpload(file, {
    api: {
      startUpload: async ({ body }: Parameters<UploadApi['startUpload']>[0]) => {
        await tell({ t: 'file', fileName: body.fileName, encryptedKey: body.encryptedKey });
        return urls(body.objects);
      },
      moreChunks: async ({ body }: Parameters<UploadApi['moreChunks']>[0]) => urls(body.objects),
      reportProgress: ({ body }: Parameters<UploadApi['reportProgress']>[0]) =>
        tell({ t: 'delta', delta: body, state: 'uploading' }),
      completeUpload: ({ body }: Parameters<UploadApi['completeUpload']>[0]) =>
        tell({ t: 'delta', delta: body.delta, state: 'complete' }),
    } as unknown as UploadApi,
    roomId: fileId,
    fileId,
    me: { userId: fileId, identityKey: Uint8Array.of(5, ...new Uint8Array(32).fill(9)) },
    recipients: [],
    fetch: (url, init) => fetch(url, init),
    journal: {
      begun: async (plan) => {
        dek = toText(plan.dek);
      },
      made: async () => undefined,
    },
  });
  const { commitment, manifestHash } = await upload.head;
  await tell({ t: 'head', dek, commitment, manifestHash });
  return began;
}

export async function stopLive(): Promise<void> {
  upload?.stop();
  await upload?.done.catch(() => undefined);
}

/** Waits for `name`, opens and plays it as soon as it is announced; answers when its first picture was there. */
export async function watchLive(name: string): Promise<number> {
  const news = new EventSource(`/live/${name}/news`);
  const listeners = new Set<(event: FileEvent) => void>();
  const head = await new Promise<Extract<LiveNews, { t: 'head' }>>((announced) => {
    news.onmessage = ({ data }) => {
      const said = JSON.parse(data) as LiveNews;
      if (said.t === 'head') announced(said);
      if (said.t === 'delta') for (const listener of listeners) listener(said);
    };
  });
  const deps: OpenDeps = {
    api: {
      getFile: async ({ query }: { query: Record<string, unknown> }) =>
        (await fetch(`/live/${name}/file?${new URLSearchParams(query as Record<string, string>)}`)).json(),
    } as unknown as DownloadApi,
    fileId,
    commitment: head.commitment,
    manifestHash: head.manifestHash,
    unwrap: async () => toBytes(head.dek),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fetch: (url, init) => fetch(url, { ...init, cache: 'no-store' }),
  };
  video = document.createElement('video');
  Object.assign(video, { muted: true, autoplay: true, width: 320, height: 180 });
  document.body.append(video);
  attachMedia(video, await openFile(deps));
  await new Promise<void>((seen) => video!.requestVideoFrameCallback(() => seen()));
  return now();
}

/** Seconds at which the watched film is, and whether it has ended. */
export const placeOfLive = async (): Promise<[number, boolean]> => [
  video?.currentTime ?? 0,
  video?.ended ?? false,
];
