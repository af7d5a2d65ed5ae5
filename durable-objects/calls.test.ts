import { evictDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { newId, newRoom, outgoing, random, value } from './test/room.ts';
import { open, type TestSocket } from './test/socket.ts';

/** Who is in the call, as `socket` was last told. */
const call = (socket: TestSocket) => socket.received.findLast((frame) => frame.t === 'call');
const until = (socket: TestSocket, ...devices: string[]) =>
  socket.until(() => call(socket)?.devices.join() === devices.join() || undefined);

describe('the call of a room', () => {
  it('is told to all, in the order of coming, and to who comes later; leaving and losing the socket end it', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const [ana, bens] = await Promise.all([open(room, room.owner), open(room, ben)]);
    const id = newId();
    ana.send({ t: 'call', device: 1, id });
    await until(bens, `${room.owner}:1`);
    // Both begin one: it is the first one's.
    bens.send({ t: 'call', device: 2, id: newId() });
    for (const socket of [ana, bens]) {
      await until(socket, `${room.owner}:1`, `${ben}:2`);
      expect(call(socket)?.id).toBe(id);
    }
    await evictDurableObject(room.stub);
    const later = await open(room, ben);
    await until(later, `${room.owner}:1`, `${ben}:2`);
    ana.send({ t: 'call', device: 1, id: null });
    await until(later, `${ben}:2`);
    bens.close();
    await until(later);
    expect(call(later)?.id).toBeNull();
    const [next, second] = [newId(), await open(room, ben)];
    second.send({ t: 'call', device: 2, id: next });
    await until(ana, `${ben}:2`);
    expect(call(ana)?.id).toBe(next);
  });

  it('ends for who is removed', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const [ana, bens] = await Promise.all([open(room, room.owner), open(room, ben)]);
    bens.send({ t: 'call', device: 1, id: newId() });
    await until(ana, `${ben}:1`);
    await room.remove(room.owner, ben);
    await until(ana);
  });
});

describe('a call that outgrows a mesh', () => {
  const isIn = (socket: TestSocket, mode: 'mesh' | 'sfu', count: number) =>
    socket.until(() => {
      const told = call(socket);
      return (told?.mode === mode && told.devices.length === count) || undefined;
    });

  it('goes by the SFU from the fifth on, through sleep, and back only when a mesh carries who is left and one asks', async () => {
    const room = await newRoom();
    const members = await room.members(4);
    const sockets = await Promise.all([room.owner, ...members].map((who) => open(room, who)));
    const [ana, ...others] = sockets as [TestSocket, ...TestSocket[]];
    const join = { t: 'call', device: 1, id: newId() } as const;
    const leave = { t: 'call', device: 1, id: null } as const;
    for (const socket of sockets.slice(0, 4)) socket.send(join);
    await isIn(ana, 'mesh', 4);
    others[3]!.send(join);
    for (const socket of sockets) await isIn(socket, 'sfu', 5);
    // Five are too many, whoever asks; four may go back, but are not moved before one asks.
    ana.send({ ...join, mesh: true });
    others[3]!.send(leave);
    await isIn(ana, 'sfu', 4);
    await evictDurableObject(room.stub);
    const later = await open(room, members[3]!);
    await isIn(later, 'sfu', 4);
    ana.send({ ...join, mesh: true });
    await isIn(later, 'mesh', 4);
    expect(call(later)?.places).toBeGreaterThan(4);
  });
});

describe('signals', () => {
  it('reach every socket of whom they are for, nobody else, and are not kept', async () => {
    const room = await newRoom();
    const [ben, carla] = (await room.members(2)) as [string, string];
    const [ana, tab, other, carlas] = await Promise.all(
      [room.owner, ben, ben, carla].map((who) => open(room, who)),
    );
    const signal = { id: newId(), device: 2, to: `${ben}:1`, box: random(40) };
    value(await room.stub.signal(room.owner, signal));
    const { device: _, ...passed } = signal;
    for (const socket of [tab!, other!])
      expect(await socket.frame('signal')).toEqual({ t: 'signal', from: `${room.owner}:2`, ...passed });
    value(await room.stub.send(room.owner, outgoing('fence')));
    for (const socket of [ana!, carlas!]) {
      await socket.hears('fence');
      expect(socket.received.some(({ t }) => t === 'signal')).toBe(false);
    }
    const later = await open(room, ben);
    await later.hears('fence');
    expect(later.received.some(({ t }) => t === 'signal')).toBe(false);
  });

  it('are taken from members alone', async () => {
    const room = await newRoom();
    const signal = { id: newId(), device: 1, to: `${room.owner}:1`, box: random(40) };
    expect(await room.stub.signal(newId(), signal)).toMatchObject({ ok: false });
    const [ben] = (await room.members(1)) as [string];
    value(await room.stub.signal(ben, signal));
    await room.remove(room.owner, ben);
    expect(await room.stub.signal(ben, signal)).toMatchObject({ ok: false });
    const ana = await open(room, room.owner);
    value(await room.stub.send(room.owner, outgoing('fence')));
    await ana.hears('fence');
    expect(ana.received.some(({ t }) => t === 'signal')).toBe(false);
  });
});
