import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { problem } from '../../../../protocol/problem.ts';
import type { ServerFrame } from '../../../../protocol/socket.ts';
import { ProblemError } from '../api.ts';
import { type FeedOptions, RoomFeed } from './feed.ts';
import { Requests, type RequestsOptions } from './requests.ts';

const server = new WebSocketServer({ port: 0 });
afterEach(() => {
  vi.restoreAllMocks();
  server.close();
});

it('who asks to come in holds nobody up, and neither does the answer that it is not for this person to see', async () => {
  const connected = new Promise<WebSocket>((resolve) => server.on('connection', resolve));
  const asked = vi.fn<(reject: (error: Error) => void) => void>();
  const session = {
    store: { get: async () => undefined },
    api: (name: string) =>
      name === 'getTicket'
        ? Promise.resolve({ ticket: 'T' })
        : new Promise((_, reject) => {
            asked(reject);
          }),
  };
  const accepted = vi.fn();
  const lost = vi.fn();
  const feed = new RoomFeed({
    context: { session, origin: `http://localhost:${(server.address() as AddressInfo).port}` },
    room: crypto.randomUUID(),
    membership: {},
    outbox: { accepted, disconnected: lost },
    call: { onLost() {} },
    company: { ephemerals: { lost() {} } },
    requests: new Requests({ session, room: 'r', onChange() {} } as unknown as RequestsOptions),
    onState() {},
  } as unknown as FeedOptions);
  feed.connect();
  const socket = await connected;
  const say = (frame: ServerFrame) => socket.send(JSON.stringify(frame));
  const acknowledge = () => say({ t: 'ack', id: crypto.randomUUID(), seq: 1, at: 1 });
  const complaints = vi.spyOn(console, 'error');

  say({ t: 'requests', waiting: 1 });
  acknowledge();
  await vi.waitFor(() => expect(accepted).toHaveBeenCalledTimes(1), 30_000);
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1), 30_000);
  asked.mock.calls[0]![0](new ProblemError(problem('forbidden')));
  acknowledge();
  await vi.waitFor(() => expect(accepted).toHaveBeenCalledTimes(2), 30_000);
  expect(lost).not.toHaveBeenCalled();
  expect(complaints).not.toHaveBeenCalled();
  await feed.close();
}, 60_000);
