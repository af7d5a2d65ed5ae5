// What stands before the Worker where it is deployed, as far as it matters for how quickly a page comes: texts go compressed.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, constants } from 'node:zlib';

/** Passes everything on to `target`, and compresses texts as Cloudflare does (brotli, quality 4). */
export async function openEdge(target: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const { host: _host, 'accept-encoding': _encoding, ...headers } = incoming.headers;
    const to = request(new URL(incoming.url!, target), { method: incoming.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const isText = /javascript|html|css|svg|json/.test(answer.headers['content-type'] ?? '');
        const { 'content-length': _length, 'transfer-encoding': _transfer, ...rest } = answer.headers;
        const sent = isText
          ? brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
          : body;
        outgoing.writeHead(answer.statusCode!, {
          ...rest,
          'content-length': sent.length,
          ...(isText && { 'content-encoding': 'br' }),
        });
        outgoing.end(sent);
      });
    });
    to.on('error', () => outgoing.destroy());
    incoming.pipe(to);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
