// A service that lies: it stands between one engine and the system, and changes what either hears.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Problem } from '../protocol/problem.ts';
import type { ClientFrame, ServerFrame } from '../protocol/socket.ts';

export interface Call {
  readonly method: string;
  /** With the query. */
  readonly path: string;
}

/** What `answer` throws for the engine to hear a refusal in place of what the system has answered. */
export class Refusal {
  readonly problem: Problem;
  constructor(problem: Problem) {
    this.problem = problem;
  }
}

export interface Liar {
  /** Where the engine goes instead of to the system. */
  readonly url: string;
  /**
   * Changes the system's answer to a call (`{}` for one without a body, which it keeps being). Throwing loses it: the system has done what
   * was asked, and nobody hears; throwing a `Refusal` has them hear that.
   */
  answer: (call: Call, reply: unknown) => unknown | Promise<unknown>;
  /** What the engine gets in place of a frame; the list may be empty, or longer. */
  toClient: (frame: ServerFrame) => readonly ServerFrame[];
  /** What the system gets in place of a frame; `answer` speaks to the engine in the system's name. */
  toSystem: (frame: ClientFrame, answer: (frame: ServerFrame) => void) => readonly ClientFrame[];
  /** Frames that the engine sent, in order, whatever became of them. */
  readonly sent: ClientFrame[];
  /** How many sockets are open now. */
  readonly open: number;
  /** Cuts all sockets, and lets none through until `mend`. */
  cut(): void;
  mend(): void;
  /** Says something to every socket in the system's name. */
  say(frame: ServerFrame): void;
  /** Tells the truth from now on. */
  repent(): void;
  close(): Promise<void>;
}

const truth = {
  answer: (_: Call, reply: unknown): unknown => reply,
  toClient: (frame: ServerFrame): readonly ServerFrame[] => [frame],
  toSystem: (frame: ClientFrame): readonly ClientFrame[] => [frame],
};

/** A liar in front of the system at `target`, who has told the truth so far. */
export async function openLiar(target: string): Promise<Liar> {
  const sockets = new Set<WebSocket>();
  let isCut = false;
  const server = createServer((request, response) => {
    forward(target, request, response, liar).catch((error) => {
      if (!(error instanceof Refusal)) return response.destroy();
      response.writeHead(error.problem.status, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify(error.problem));
    });
  });
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    if (isCut) return socket.destroy();
    upgrades.handleUpgrade(request, socket, head, (client) => {
      sockets.add(client);
      client.on('close', () => sockets.delete(client));
      relay(client, `${target.replace(/^http/, 'ws')}${request.url}`, liar);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const liar: Liar = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    ...truth,
    sent: [],
    get open() {
      return sockets.size;
    },
    cut() {
      isCut = true;
      for (const socket of sockets) socket.terminate();
    },
    mend() {
      isCut = false;
    },
    say(frame) {
      for (const socket of sockets) socket.send(JSON.stringify(frame));
    },
    repent() {
      Object.assign(liar, truth);
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return liar;
}

async function forward(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  liar: Liar,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'GET', url: path = '/' } = request;
  const { authorization, 'content-type': type } = request.headers;
  const reply = await fetch(new URL(path, target), {
    method,
    headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
  const text = await reply.text();
  const told = reply.ok ? await liar.answer({ method, path }, JSON.parse(text || '{}')) : undefined;
  const body = text && reply.ok ? JSON.stringify(told) : text;
  response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? 'text/plain' });
  response.end(reply.status === 204 ? undefined : body);
}

function relay(client: WebSocket, address: string, liar: Liar): void {
  const system = new WebSocket(address, { perMessageDeflate: false });
  const opened = new Promise((open) => system.once('open', open));
  const answer = (frame: ServerFrame) => client.send(JSON.stringify(frame));
  client.on('message', async (data) => {
    await opened;
    const text = String(data);
    if (!text.startsWith('{')) return system.send(text);
    const frame = JSON.parse(text) as ClientFrame;
    liar.sent.push(frame);
    for (const one of liar.toSystem(frame, answer)) system.send(JSON.stringify(one));
  });
  system.on('message', (data) => {
    const text = String(data);
    if (!text.startsWith('{')) return client.send(text);
    for (const one of liar.toClient(JSON.parse(text) as ServerFrame)) answer(one);
  });
  client.on('close', () => system.close());
  system.on('close', () => client.close());
  for (const socket of [client, system]) socket.on('error', () => socket.terminate());
}
