// The anchor: a WebSocket server that passes every text on to everybody, and keeps nothing; or, given a file, has each on disk first.
// Says its port, ends with its parent.
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const file = process.argv[2] === undefined ? undefined : openSync(process.argv[2], 'a');
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    if (file !== undefined) {
      writeSync(file, data as Buffer);
      fdatasyncSync(file);
    }
    for (const client of server.clients) client.send(data, { binary });
  });
});
server.once('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once('disconnect', () => process.exit());
