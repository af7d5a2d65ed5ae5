import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { allowedObjectSize } from '../../../../../protocol/manifest.ts';
import { problem } from '../../../../../protocol/problem.ts';
import type { FileDelta } from '../../../../../protocol/socket.ts';
import { ProblemError } from '../../api.ts';
import type { DownloadApi, FileEvent, UploadApi } from '../types.ts';

type StartBody = Parameters<UploadApi['startUpload']>[0]['body'];

/** The service's contract for one file in memory, before a real HTTP server that stands for storage. */
export class Cloud implements UploadApi, DownloadApi {
  readonly objects = new Map<number, Buffer>();
  readonly deltas: FileDelta[] = [];
  readonly listeners = new Set<(event: FileEvent) => void>();
  /** Ciphertexts that reached storage whole, or in part, and by which URL: one that was cut off may be noticed late. */
  readonly received: { index: number; bytes: Buffer; url: number }[] = [];
  /** URLs that have been signed. */
  signed = 0;
  /** What the next matching request does instead of its duty. */
  fault: (request: IncomingMessage, response: ServerResponse, index: number) => boolean = () => false;
  /** Resolved for each object before it is stored. */
  admit: (index: number) => Promise<void> = async () => undefined;
  /** Seconds that URLs live. */
  life = 300;
  silent = false;
  deleted = false;
  started: StartBody | undefined;
  objectSizes: readonly number[] = [];
  #signatures = new Map<string, { index: number; url: number; expires: number; size?: number }>();
  #server: Server;
  #origin = '';

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }
  async listen() {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  startUpload: UploadApi['startUpload'] = async ({ body }) => {
    this.started = body;
    return { file: this.#file(), objects: this.#puts(body.objects) };
  };
  moreChunks: UploadApi['moreChunks'] = async ({ body }) => ({ objects: this.#puts(body.objects) });
  reportProgress: UploadApi['reportProgress'] = async ({ body }) => {
    this.#append(body, 'uploading');
    return undefined;
  };
  completeUpload: UploadApi['completeUpload'] = async ({ body }) => {
    body.objects.forEach((size, index) => {
      expect(this.objects.get(index)?.length).toBe(size);
    });
    this.objectSizes = body.objects;
    this.#append(body.delta, 'complete');
    return this.#file();
  };
  deleteFile: UploadApi['deleteFile'] = async () => {
    this.deleted = true;
    this.objects.clear();
    for (const listener of this.listeners) listener({ state: 'deleted' });
    return undefined;
  };
  getFile: DownloadApi['getFile'] = async ({ query: { from = 0, count = 0, deltas = 0 } }) => {
    if (this.deleted || !this.started) throw new ProblemError(problem('not-found'));
    const objects = Array.from({ length: Number(count) }, (_, i) => this.#sign(Number(from) + i));
    return { ...this.#file(), deltas: this.deltas.slice(Number(deltas), Number(deltas) + 2), objects };
  };

  subscribe = (listener: (event: FileEvent) => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  #append(delta: FileDelta, state: 'uploading' | 'complete') {
    expect(delta.n).toBe(this.deltas.length);
    this.deltas.push(delta);
    if (!this.silent) for (const listener of this.listeners) listener({ state, delta });
  }
  #file() {
    const { id, chatroomId, fileName, encryptedKey } = this.started!;
    const state = this.objectSizes.length > 0 ? ('complete' as const) : ('uploading' as const);
    return {
      id,
      chatroomId,
      uploaderId: id,
      state,
      fileName,
      encryptedKey,
      createdAt: new Date().toISOString(),
      expiry: null,
    };
  }
  #puts(objects: readonly { index: number; size: number }[]) {
    return objects.map(({ index, size }) => {
      expect(allowedObjectSize(index, size)).toBe(true);
      return { ...this.#sign(index, size), headers: { 'if-none-match': '*' } };
    });
  }
  #sign(index: number, size?: number) {
    const signature = randomBytes(12).toString('hex');
    const expires = Date.now() + this.life * 1000;
    this.#signatures.set(signature, {
      index,
      url: this.signed++,
      expires,
      ...(size !== undefined && { size }),
    });
    return {
      index,
      url: `${this.#origin}/${signature}`,
      expiresAt: new Date(Date.now() + 300_000).toISOString(),
    };
  }
  async #serve(request: IncomingMessage, response: ServerResponse) {
    const signed = this.#signatures.get(request.url!.slice(1));
    if (!signed || signed.expires < Date.now()) return void response.writeHead(403).end();
    const { index, size, url } = signed;
    if (this.fault(request, response, index)) return;
    if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of request) chunks.push(chunk);
      } catch {
        return;
      } finally {
        this.received.push({ index, url, bytes: Buffer.concat(chunks) });
      }
      await this.admit(index);
      if (Number(request.headers['content-length']) !== size) return void response.writeHead(403).end();
      if (this.objects.has(index)) return void response.writeHead(412).end();
      this.objects.set(index, Buffer.concat(chunks));
      return void response.writeHead(200).end();
    }
    const stored = this.objects.get(index);
    if (!stored) return void response.writeHead(404).end();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!;
    response.writeHead(206).end(stored.subarray(Number(from), Number(to) + 1));
  }
}
