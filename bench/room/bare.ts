// The least that an object can do: pass every text on to everybody, stored before or not. What workerd itself takes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local/ports.ts';
import { compatibilityDate, serve } from '../../local/workerd.ts';
import type { Server } from './server.ts';

const script = (store: string) => `import { DurableObject } from 'cloudflare:workers';
export class Room extends DurableObject {
  sockets = new Set(this.ctx.getWebSockets());
  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.sockets.add(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(_, text) {
    ${store}for (const socket of this.sockets) socket.send(text);
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

/** What stores a text: the runtime sends nothing before it is on disk. */
const insert = `this.sql ??= (this.ctx.storage.sql.exec('create table if not exists log (text text)'), this.ctx.storage.sql);
    this.sql.exec('insert into log values (?)', text);
    `;

const configOf = (
  port: number,
  disk: string | undefined,
): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    ${disk === undefined ? '' : `(name = "disk", disk = (path = ${JSON.stringify(disk)}, writable = true)),`}
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = "${compatibilityDate()}",
  bindings = [(name = "ROOM", durableObjectNamespace = "Room")],
  durableObjectNamespaces = [(className = "Room", uniqueKey = "bench-bare", enableSql = true)],
  durableObjectStorage = (${disk === undefined ? 'inMemory = void' : 'localDisk = "disk"'}),
);
`;

/** Starts workerd with one such object, with its files in `directory`; `storing`: every text is in its SQLite, on disk, before anybody sees it. */
export async function startBare(directory: string, storing: boolean): Promise<Server> {
  const own = join(directory, storing ? 'storing' : 'bare');
  const disk = join(own, 'objects');
  mkdirSync(disk, { recursive: true });
  writeFileSync(join(own, 'index.js'), script(storing ? insert : ''));
  const port = await freePort();
  return serve(own, port, configOf(port, storing ? disk : undefined));
}
