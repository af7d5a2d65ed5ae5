// A server between those who watch: it passes on what each says to the others, and takes as long for it as a network does.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Relay {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page of `site` and the film, and passes frames on after `delay` ± `jitter` milliseconds, in their order as TCP has it. */
export async function openRelay(site: string, film: Buffer, delay: number, jitter: number): Promise<Relay> {
  const server = createServer((request, response) => serve(site, film, request, response));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  const later = (line: Line, run: () => void) => {
    line.free = Math.max(line.free, performance.now() + delay + (Math.random() * 2 - 1) * jitter);
    setTimeout(run, line.free - performance.now());
  };
  const lines = new Map<WebSocket, Line>();
  sockets.on('connection', (socket) => {
    lines.set(socket, { free: 0 });
    socket.on('close', () => lines.delete(socket));
    socket.on('message', (data) => {
      const text = String(data);
      // What is asked of the server itself goes there and back.
      if (text.startsWith('{"time":')) {
        const up = delay + (Math.random() * 2 - 1) * jitter;
        setTimeout(() => {
          const at = performance.timeOrigin + performance.now();
          later(lines.get(socket) ?? { free: 0 }, () =>
            socket.send(JSON.stringify({ ...JSON.parse(text), at })),
          );
        }, up);
        return;
      }
      for (const [other, line] of lines) if (other !== socket) later(line, () => other.send(text));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of lines.keys()) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Nothing overtakes on a line: when what was sent last will be there. */
interface Line {
  free: number;
}

function serve(site: string, film: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const path = normalize(new URL(request.url!, 'http://localhost').pathname);
  if (path === '/film.mp4') {
    serveFilm(film, request, response);
    return;
  }
  const isScript = extname(path) === '.js';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  const page =
    '<!doctype html><video width="320" height="180" preload="auto"></video><script type="module" src="/page.js"></script>';
  response.end(isScript ? readFileSync(join(site, path)) : page);
}

function serveFilm(film: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const end = to === '' ? film.length - 1 : Number(to);
  response.writeHead(206, {
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'content-range': `bytes ${from}-${end}/${film.length}`,
  });
  response.end(film.subarray(Number(from), end + 1));
}
