// The anchor of messages: a WebSocket server that passes text on to the others, and neither stores nor encrypts.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

export interface PlainRoom {
  enter(): Promise<PlainClient>;
  close(): Promise<void>;
}

export interface PlainClient {
  send(text: string): void;
  /** Resolves with the next text that comes in. */
  next(): Promise<string>;
}

/** Opens a room on a free port of this machine. */
export async function openPlainRoom(): Promise<PlainRoom> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      for (const other of server.clients) if (other !== socket) other.send(data.toString());
    });
  });
  return {
    async enter() {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`);
      await once(socket, 'open');
      return {
        send: (text) => socket.send(text),
        next: async () => String((await once(socket, 'message'))[0]),
      };
    },
    async close() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
