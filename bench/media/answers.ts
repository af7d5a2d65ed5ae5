// What service and storage answer for an encrypted file.
import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FileDelta } from '../../protocol/socket.ts';

/** Pieces of a manifest in one answer, as the service gives them. */
const deltasAtOnce = 100;

/** A file as the service has it. */
export interface Served {
  readonly file: { readonly fileName: string; readonly encryptedKey: string };
  readonly deltas: readonly FileDelta[];
  readonly objects: number;
}

/** The reply of `GET /files/:id` for the file at `/<name>`. */
export function answer(name: string, { file, deltas, objects }: Served, query: URLSearchParams) {
  const number = (key: string) => Number(query.get(key) ?? 0);
  const from = number('from');
  const count = Math.max(0, Math.min(number('count'), objects - from));
  return {
    ...file,
    deltas: deltas.slice(number('deltas'), number('deltas') + deltasAtOnce),
    objects: Array.from({ length: count }, (_, i) => ({
      index: from + i,
      url: `/${name}/objects/${from + i}`,
      expiresAt: new Date(Date.now() + 300_000).toISOString(),
    })),
  };
}

/** A file, or the part of it that the request's range names. */
export function range(request: IncomingMessage, response: ServerResponse, path: string, type: string): void {
  const { size } = statSync(path);
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const [start, end] = [Number(from), to === '' ? size - 1 : Math.min(Number(to), size - 1)];
  response.writeHead(request.headers.range ? 206 : 200, {
    'content-type': type,
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(request.headers.range && { 'content-range': `bytes ${start}-${end}/${size}` }),
  });
  createReadStream(path, { start, end })
    .on('error', () => response.destroy())
    .pipe(response);
}
