// What Chromium reads from and sends to: the page, plain films, encrypted ones as storage has them, and a drain.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { toBase64 } from '../../protocol/bytes.ts';
import type { FileDelta } from '../../protocol/socket.ts';
import type { UploadApi, UploadPlan } from '../../web/src/engine/transfers/types.ts';
import { startUpload } from '../../web/src/engine/transfers/upload.ts';
import { fileAt } from '../file.ts';
import { buildPage } from '../page.ts';
import { answer, range, type Served } from './answers.ts';
import { type LiveServer, openLiveServer } from './live-server.ts';

const fileId = '01930000-0000-7000-8000-000000000001';
/** A file as storage and service have it. */
interface Stored extends Served {
  readonly sealed: { readonly dek: string; readonly commitment: string; readonly manifestHash: string };
}

/** Sends a file into a directory, by the uploader itself. */
export async function seal(path: string, name: string, directory: string): Promise<Stored> {
  mkdirSync(directory, { recursive: true });
  const deltas: FileDelta[] = [];
  let [objects, plan, fileName]: [number, UploadPlan | undefined, string] = [0, undefined, ''];
  const urls = (wanted: readonly { index: number }[]) => ({
    objects: wanted.map(({ index }) => ({
      index,
      url: String(index),
      headers: {},
      expiresAt: new Date(Date.now() + 300_000).toISOString(),
    })),
  });
  const upload = startUpload(await fileAt(path, name), {
    api: {
      startUpload: async ({ body }: { body: { fileName: string; objects: [] } }) => {
        fileName = body.fileName;
        return urls(body.objects);
      },
      moreChunks: async ({ body }: { body: { objects: [] } }) => urls(body.objects),
      reportProgress: async ({ body }: { body: FileDelta }) => void deltas.push(body),
      completeUpload: async ({ body }: { body: { delta: FileDelta } }) => void deltas.push(body.delta),
    } as unknown as UploadApi,
    roomId: fileId,
    fileId,
    me: { userId: fileId, identityKey: Uint8Array.of(5, ...new Uint8Array(32).fill(9)) },
    recipients: [],
    fetch: async (url, init) => {
      writeFileSync(join(directory, url), init!.body as Uint8Array);
      objects = Math.max(objects, Number(url) + 1);
      return new Response();
    },
    journal: {
      begun: async (made) => {
        plan = made;
      },
      made: async () => undefined,
    },
  });
  await upload.done;
  const { commitment, manifestHash } = await upload.head;
  const dek = Buffer.from(plan!.dek).toString('base64');
  return {
    sealed: { dek, commitment, manifestHash },
    file: { fileName, encryptedKey: toBase64(plan!.encryptedKey) },
    deltas,
    objects,
  };
}

export interface MediaServer {
  readonly port: number;
  /** Encrypted files, by the first part of their path. */
  readonly stored: Map<string, Stored & { readonly directory: string }>;
  /** Files that are being sent and watched, at `/live`. */
  readonly live: LiveServer;
  /** PUTs that came in. */
  puts: number;
  close(): void;
}

/** Serves the page of `page.ts`, the films of `directory`, and what is put into `stored`. */
export async function openServer(root: string, directory: string): Promise<MediaServer> {
  const pages = join(directory, 'page');
  await buildPage(root, join(root, 'bench/media/page.ts'), pages);
  const stored: MediaServer['stored'] = new Map();
  const live = openLiveServer(join(directory, 'live'));
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    const [, first = '', second = '', third = ''] = url.pathname.split('/');
    response.setHeader('cache-control', 'no-store');
    if (first === 'drain') return drain(request, response);
    if (first === 'live') return live.handle(request, response, url);
    if (first === '')
      return response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><body></body><script type="module" src="/page.js"></script>');
    const file = stored.get(first);
    if (file && second === 'sealed') return response.end(JSON.stringify(file.sealed));
    if (file && second === 'file') return response.end(JSON.stringify(answer(first, file, url.searchParams)));
    if (file) return range(request, response, join(file.directory, third), 'application/octet-stream');
    const isFilm = first.endsWith('.mp4');
    if (isFilm) return range(request, response, join(directory, first), 'video/mp4');
    if (!first.endsWith('.js') && first !== 'assets') return response.writeHead(404).end();
    response.setHeader('content-type', 'text/javascript');
    response.end(readFileSync(join(pages, url.pathname)));
  });
  const drain = (request: IncomingMessage, response: ServerResponse) => {
    result.puts++;
    request.resume();
    request.once('end', () => response.writeHead(200).end());
  };
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const result: MediaServer = {
    port: (server.address() as AddressInfo).port,
    stored,
    live,
    puts: 0,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return result;
}
