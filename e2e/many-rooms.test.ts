import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Engine, until } from '../web/src/engine/index.ts';
import { letIn, openEngine, register, untilOnline, untilText } from './headless.ts';
import { closeLater, startSystem, system } from './started.ts';

/** The room sockets that are open, by the host that was asked. */
const open = new Map<string, Set<WebSocket>>();
let most = 0;

class WatchedSocket extends WebSocket {
  constructor(url: string | URL) {
    super(url);
    const { hostname, pathname } = new URL(url);
    if (!pathname.startsWith('/chatrooms/')) return;
    const sockets = open.get(hostname) ?? new Set();
    open.set(hostname, sockets.add(this));
    if (hostname === '127.0.0.1') most = Math.max(most, sockets.size);
    this.addEventListener('close', () => sockets.delete(this));
  }
}

beforeAll(() => void vi.stubGlobal('WebSocket', WatchedSocket));
afterAll(() => void vi.unstubAllGlobals());
startSystem({ web: false });

const unread = (engine: Engine, count: number) =>
  until(engine.rooms, (rooms) => rooms.length === 5 && rooms.every((room) => room.unread === count));

it('many rooms are live with few sockets: unread counts, rooms made elsewhere, what came meanwhile', async () => {
  const anas = system.url.replace('localhost', '127.0.0.1');
  const ana = await register(anas, 'Ana', 'ana-of-many-rooms');
  const ben = closeLater(await register(system.url, 'Ben'));
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const id = await ana.createRoom(`Room ${i}`);
    await letIn(ana, id, ben);
    await untilOnline(ben, id);
    ids.push(id);
  }
  await ana.close();

  const again = await openEngine({ url: anas, storeName: 'ana-of-many-rooms', sockets: 2 });
  await until(again.session, ({ kind }) => kind === 'signed-in');
  most = 0;
  for (const id of ids) await ben.room(id).send('is anybody there?');
  await unread(again, 1);
  for (const id of ids) await ben.room(id).send('hello?');
  const rooms = await unread(again, 2);
  expect(rooms.map(({ last }) => last?.text)).toEqual(Array(5).fill('hello?'));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(2);

  // A room without a socket is looked at and answered like any other.
  for (const id of ids) await again.room(id).send('I am');
  for (const id of ids) await untilText(ben, id, 'I am');

  const phone = closeLater(await openEngine({ url: anas, sockets: 2 }));
  await phone.login(ana.account);
  const sixth = await again.createRoom('Room 5');
  await until(phone.rooms, (list) => list.some(({ id, name }) => id === sixth && name === 'Room 5'));

  await again.close();
  for (const id of ids) await ben.room(id).send('good night');
  const morning = closeLater(await openEngine({ url: anas, storeName: 'ana-of-many-rooms', sockets: 2 }));
  await until(morning.rooms, (list) =>
    ids.every((id) => list.find((room) => room.id === id)?.last?.text === 'good night'),
  );
});
