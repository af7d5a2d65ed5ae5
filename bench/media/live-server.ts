// The service and storage of one file that is being sent: what is stored can be read at once, and who listens hears of it.
import { createWriteStream, mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { FileDelta } from '../../protocol/socket.ts';
import { answer, range } from './answers.ts';

/** What the sender says of its file, in order: `file`, then `head`, then pieces of the manifest. */
export type LiveNews =
  | { readonly t: 'file'; readonly fileName: string; readonly encryptedKey: string }
  | { readonly t: 'head'; readonly dek: string; readonly commitment: string; readonly manifestHash: string }
  | { readonly t: 'delta'; readonly delta: FileDelta; readonly state: 'uploading' | 'complete' };

class LiveFile {
  readonly news: LiveNews[] = [];
  readonly listeners = new Set<ServerResponse>();
  readonly directory: string;
  /** Bytes that have come, those of unfinished objects too. */
  received = 0;
  stored = 0;

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  tell(news: LiveNews): void {
    this.news.push(news);
    for (const listener of this.listeners) listener.write(`data: ${JSON.stringify(news)}\n\n`);
  }
}

export interface LiveServer {
  /** Answers `/live/<file>/<what>[/<object>]`. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL): void;
  received(file: string): number;
}

export function openLiveServer(directory: string): LiveServer {
  const files = new Map<string, LiveFile>();
  const fileOf = (name: string) => {
    const file = files.get(name) ?? new LiveFile(join(directory, name));
    files.set(name, file);
    return file;
  };
  const store = (file: LiveFile, object: string, request: IncomingMessage, response: ServerResponse) => {
    const place = createWriteStream(join(file.directory, object));
    request.on('data', (chunk: Buffer) => {
      file.received += chunk.length;
    });
    // Who stops sending leaves an object that nobody asks for.
    place.on('error', () => undefined);
    request.on('error', () => place.destroy());
    request.pipe(place).on('finish', () => {
      file.stored = Math.max(file.stored, Number(object) + 1);
      response.end();
    });
  };
  return {
    received: (name) => fileOf(name).received,
    handle(request, response, url) {
      const [, , name = '', what = '', object = ''] = url.pathname.split('/');
      const file = fileOf(name);
      if (what === 'objects' && request.method === 'PUT') return store(file, object, request, response);
      if (what === 'objects')
        return range(request, response, join(file.directory, object), 'application/octet-stream');
      if (what === 'news' && request.method === 'POST') {
        let text = '';
        request.on('data', (chunk) => {
          text += chunk;
        });
        request.on('end', () => {
          file.tell(JSON.parse(text) as LiveNews);
          response.end();
        });
        return;
      }
      if (what === 'news') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const news of file.news) response.write(`data: ${JSON.stringify(news)}\n\n`);
        file.listeners.add(response);
        response.on('close', () => file.listeners.delete(response));
        return;
      }
      const about = file.news.find((news) => news.t === 'file')!;
      const deltas = file.news.flatMap((news) => (news.t === 'delta' ? [news.delta] : []));
      const stored = { file: about, deltas, objects: file.stored };
      response.end(JSON.stringify(answer(`live/${name}`, stored, url.searchParams)));
    },
  };
}
