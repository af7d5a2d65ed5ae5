import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { problem } from '../../../../protocol/problem.ts';
import { ping, pong, ServerFrame } from '../../../../protocol/socket.ts';
import { until } from '../observable.ts';
import { LiveSocket } from './socket.ts';

let server: WebSocketServer;
beforeEach(() => {
  server = new WebSocketServer({ port: 0 });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  server.close();
});
const url = async () => `ws://localhost:${(server.address() as AddressInfo).port}`;
const welcome = JSON.stringify({ t: 'welcome', from: 0, seq: 0, head: 'A'.repeat(43), kept: [] });

it('what can never be handled is tried less and less often, though every connection begins well', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const connections: number[] = [];
  server.on('connection', (socket) => {
    connections.push(performance.now());
    socket.send(welcome);
    socket.send(JSON.stringify({ t: 'nack', problem: problem('forbidden') }));
  });
  const socket = new LiveSocket({
    frames: ServerFrame,
    url,
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

it('where the browser says that the network has changed, a line that carries no more is found out at once', async () => {
  const browser = new EventTarget();
  vi.stubGlobal('addEventListener', browser.addEventListener.bind(browser));
  vi.stubGlobal('removeEventListener', browser.removeEventListener.bind(browser));
  let carries = true;
  let asked = 0;
  server.on('connection', (line) => {
    line.send(welcome);
    line.on('message', (data) => {
      if (String(data) !== ping) return;
      asked += 1;
      if (carries) line.send(pong);
    });
  });
  const socket = new LiveSocket({ frames: ServerFrame, url, onFrame: async () => {} });
  await until(socket.state, (state) => state === 'online');
  const lost = vi.fn();
  socket.state.subscribe((state) => state === 'online' || lost());
  // A hint alone ends nothing.
  browser.dispatchEvent(new Event('offline'));
  await vi.waitFor(() => expect(asked).toBe(1), 20_000);
  browser.dispatchEvent(new Event('online'));
  await vi.waitFor(() => expect(asked).toBe(2), 20_000);
  expect(lost).not.toHaveBeenCalled();
  carries = false;
  // However often it says so.
  const hints = setInterval(() => browser.dispatchEvent(new Event('offline')), 500);
  // By itself it asks every 25 seconds, and waits for ten.
  await vi.waitFor(() => expect(lost).toHaveBeenCalled(), 20_000);
  clearInterval(hints);
  await until(socket.state, (state) => state === 'online');
  await socket.close();
}, 60_000);
