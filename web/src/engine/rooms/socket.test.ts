import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { problem } from '../../../../protocol/problem.ts';
import { ServerFrame } from '../../../../protocol/socket.ts';
import { LiveSocket } from './socket.ts';

const server = new WebSocketServer({ port: 0 });
afterEach(() => {
  vi.restoreAllMocks();
  server.close();
});

it('what can never be handled is tried less and less often, though every connection begins well', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const connections: number[] = [];
  server.on('connection', (socket) => {
    connections.push(performance.now());
    const kept = { t: 'welcome', from: 0, seq: 0, head: 'A'.repeat(43), kept: [] };
    socket.send(JSON.stringify(kept));
    socket.send(JSON.stringify({ t: 'nack', problem: problem('forbidden') }));
  });
  const socket = new LiveSocket({
    frames: ServerFrame,
    url: async () => `ws://localhost:${(server.address() as AddressInfo).port}`,
    onFrame: async ({ t }) => {
      if (t === 'nack') throw new Error('there is no space left');
    },
  });
  await vi.waitFor(() => expect(connections.length).toBeGreaterThanOrEqual(4), 60_000);
  await socket.close();
  const [, , third, fourth] = connections as [number, number, number, number];
  // The third pause is half of two seconds at least, the first pause of all was half a second at most.
  expect(fourth - third).toBeGreaterThan(900);
}, 90_000);
