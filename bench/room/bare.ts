// The least that an object can do: pass every text on to everybody, and store nothing. What workerd itself takes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local/ports.ts';
import type { Server } from './server.ts';
import { compatibilityDate, serve } from './workerd.ts';

const script = `import { DurableObject } from 'cloudflare:workers';
export class Room extends DurableObject {
  sockets = new Set(this.ctx.getWebSockets());
  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.sockets.add(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(_, text) {
    for (const socket of this.sockets) socket.send(text);
  }
  webSocketClose(socket) {
    this.sockets.delete(socket);
  }
}
export default {
  fetch: (request, env) =>
    request.headers.get('upgrade') ? env.ROOM.getByName('room').fetch(request) : new Response('ok'),
};
`;

const configOf = (port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "worker", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [(name = "ROOM", durableObjectNamespace = "Room")],
  durableObjectNamespaces = [(className = "Room", uniqueKey = "bench-bare", enableSql = true)],
  durableObjectStorage = (inMemory = void),
);
`;

/** Starts workerd with one such object, with its files in `directory`. */
export async function startBare(directory: string): Promise<Server> {
  const own = join(directory, 'bare');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'index.js'), script);
  const port = await freePort();
  return serve(own, port, configOf(port));
}
