import { runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { neonConfig } from '@neondatabase/serverless';
import { eq } from 'drizzle-orm';
import { afterEach, describe, expect, it } from 'vitest';
import { MessageLog } from '../../durable-objects/log.ts';
import { type Invite, newInvite, outgoing, sealed, TestRoom } from '../../durable-objects/test/room.ts';
import { TestSocket } from '../../durable-objects/test/socket.ts';
import { routes } from '../../protocol/rest/index.ts';
import type { SignedEntry } from '../../protocol/roster.ts';
import { openDatabase } from '../db/client.ts';
import { users } from '../db/schema.ts';
import { ask, newPerson, origin, type Person, problemIn, random, refusal, request } from '../test/client.ts';

const settings = env as { NEON_ENDPOINT: string | undefined };
const endpoint = env.NEON_ENDPOINT;
afterEach(() => {
  settings.NEON_ENDPOINT = endpoint;
});
/** A port where nobody listens. */
const leave = () => {
  settings.NEON_ENDPOINT = 'http://127.0.0.1:9/sql';
};

/** A room made through the routes. */
async function newRoom(owner: Person): Promise<TestRoom> {
  const room = new TestRoom(owner.id);
  const body = { id: room.id, name: room.name, sealedKey: random(60), entry: room.created() };
  await ask(routes.createRoom, { token: owner.token, body });
  await room.follow(body.entry);
  return room;
}

async function invite(room: TestRoom, owner: Person): Promise<Invite> {
  const made = await newInvite();
  const terms = { role: 'member', uses: 10, expires: Date.now() + 60_000, sealed: random(60) } as const;
  const entry = sealed(room.entry('invite', owner.id, { inviteKey: made.key, ...terms }));
  await ask(routes.patchRoom, { token: owner.token, params: { id: room.id }, body: { entry } });
  await room.follow(entry);
  return made;
}

async function join(room: TestRoom, owner: Person, person: Person): Promise<void> {
  const entry = await room.joined(person.id, await invite(room, owner));
  const body = { entry, sealedKey: random(60) };
  await ask(routes.joinRoom, { token: person.token, params: { id: room.id }, body });
  await room.follow(entry);
}

const openSocket = (
  room: TestRoom,
  ticket: string,
  headers: Record<string, string> = {},
): Promise<Response> =>
  exports.default.fetch(`${origin}/chatrooms/${room.id}/socket?ticket=${ticket}`, {
    headers: { upgrade: 'websocket', ...headers },
  });

describe('a room', () => {
  it('lives from creation to deletion', async () => {
    const [ana, ben, carla] = await Promise.all([newPerson(), newPerson(), newPerson()]);
    const room = await newRoom(ana);
    const at = { params: { id: room.id } };
    const made = await ask(routes.getRoom, { ...at, token: ana.token });
    expect(made).toMatchObject({ id: room.id, name: room.name, ownerId: ana.id, role: 'owner' });
    expect((await ask(routes.listRooms, { token: ana.token, query: {} })).items).toEqual([made]);

    await join(room, ana, ben);
    await join(room, ana, carla);
    const name = random(50);
    const patched = await ask(routes.patchRoom, { ...at, token: ana.token, body: { name } });
    expect(patched.name).toBe(name);
    const [bens] = (await ask(routes.listRooms, { token: ben.token, query: {} })).items;
    expect(bens).toMatchObject({ id: room.id, name, role: 'member', ownerId: ana.id });
    expect(bens?.sealedKey).not.toBe(made.sealedKey);
    const { members, roster } = await ask(routes.listMembers, { ...at, token: ben.token, query: {} });
    expect(members.map(({ userId, role }) => [userId, role])).toEqual([
      [ana.id, 'owner'],
      [ben.id, 'member'],
      [carla.id, 'member'],
    ]);
    expect(roster).toHaveLength(room.seq + 1);

    const left = sealed(room.entry('left', ben.id, {}));
    await ask(routes.leaveRoom, { ...at, token: ben.token, body: { entry: left } });
    await room.follow(left);
    expect((await ask(routes.listRooms, { token: ben.token, query: {} })).items).toEqual([]);
    const removed = sealed(room.entry('removed', ana.id, { user: carla.id }));
    const removal = { params: { id: room.id, userId: carla.id }, token: ana.token, body: { entry: removed } };
    await ask(routes.removeMember, removal);
    await ask(routes.removeMember, removal);
    expect((await ask(routes.listRooms, { token: carla.token, query: {} })).items).toEqual([]);

    await ask(routes.deleteRoom, { ...at, token: ana.token });
    expect(await refusal(routes.getRoom, { ...at, token: ana.token })).toBe('not-a-member');
    expect((await ask(routes.listRooms, { token: ana.token, query: {} })).items).toEqual([]);
  });

  it('is listed in pages, newest membership first', async () => {
    const ana = await newPerson();
    const rooms: string[] = [];
    for (let i = 0; i < 5; i++) rooms.unshift((await newRoom(ana)).id);
    const seen: string[] = [];
    let cursor: string | null = null;
    const sizes: number[] = [];
    do {
      const query: { limit: number; cursor?: string } = cursor === null ? { limit: 2 } : { limit: 2, cursor };
      const page = await ask(routes.listRooms, { token: ana.token, query });
      seen.push(...page.items.map(({ id }) => id));
      sizes.push(page.items.length);
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(rooms);
    expect(sizes).toEqual([2, 2, 1]);
    expect(await refusal(routes.listRooms, { token: ana.token, query: { cursor: 'x' } })).toBe(
      'invalid-body',
    );
  });

  it('keeps its id to itself, and answers its own creation again', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = new TestRoom(ana.id);
    const body = { id: room.id, name: room.name, sealedKey: random(60), entry: room.created() };
    const first = await ask(routes.createRoom, { token: ana.token, body });
    expect(await ask(routes.createRoom, { token: ana.token, body })).toEqual(first);
    const entry = sealed(room.entry('created', ben.id, { identityKey: random(33), profile: '' }));
    const other = { token: ben.token, body: { ...body, entry } };
    expect(await refusal(routes.createRoom, other)).toBe('conflict');
  });

  it('takes an entry at its own door only', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    await join(room, ana, ben);
    const at = { params: { id: room.id }, token: ana.token };
    const left = sealed(room.entry('left', ana.id, {}));
    const removed = sealed(room.entry('removed', ana.id, { user: ben.id }));
    const garbage: SignedEntry = { body: random(30), signature: random(64) };
    for (const entry of [left, removed, garbage]) {
      expect(await refusal(routes.patchRoom, { ...at, body: { entry } })).toBe('invalid-body');
      const joining = { ...at, body: { entry, sealedKey: random(60) } };
      expect(await refusal(routes.joinRoom, joining)).toBe('invalid-body');
    }
    expect(await refusal(routes.leaveRoom, { ...at, body: { entry: removed } })).toBe('invalid-body');
    const another = { params: { id: room.id, userId: ana.id }, token: ana.token, body: { entry: removed } };
    expect(await refusal(routes.removeMember, another)).toBe('invalid-body');
    expect(await refusal(routes.patchRoom, { ...at, body: {} })).toBe('invalid-body');
    expect((await ask(routes.listMembers, { ...at, query: {} })).members).toHaveLength(2);
  });

  it('answers a fork as a conflict', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    await invite(room, ana);
    const stale = sealed({ ...room.entry('role', ana.id, { user: ana.id, role: 'admin' }), seq: 1 });
    const at = { params: { id: room.id }, token: ana.token };
    expect(await refusal(routes.patchRoom, { ...at, body: { entry: stale } })).toBe('roster-conflict');
  });

  it('shows itself to who holds an invitation', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    const look = await room.look(ben.id, await invite(room, ana));
    const at = { params: { id: room.id }, token: ben.token };
    expect((await ask(routes.listMembers, { ...at, query: look })).name).toBe(room.name);
    const forged = { ...at, query: { ...look, proof: random(64) } };
    expect(await refusal(routes.listMembers, forged)).toBe('invite-invalid');
    const half = { ...at, query: { invite: look.invite } };
    expect(await refusal(routes.listMembers, half)).toBe('invalid-body');
  });
});

describe('who is not in the room', () => {
  /** The problem at every door. */
  async function doors(room: TestRoom, person: Person): Promise<string[]> {
    const at = { params: { id: room.id }, token: person.token };
    const left = sealed(room.entry('left', person.id, {}));
    const other = { id: room.id, userId: room.owner };
    const removed = sealed(room.entry('removed', person.id, { user: room.owner }));
    const role = sealed(room.entry('role', person.id, { user: person.id, role: 'owner' }));
    return Promise.all([
      refusal(routes.getRoom, at),
      refusal(routes.patchRoom, { ...at, body: { name: random(40) } }),
      refusal(routes.patchRoom, { ...at, body: { entry: role } }),
      refusal(routes.deleteRoom, at),
      refusal(routes.leaveRoom, { ...at, body: { entry: left } }),
      refusal(routes.listMembers, { ...at, query: {} }),
      refusal(routes.removeMember, { ...at, params: other, body: { entry: removed } }),
      refusal(routes.listMessages, { ...at, query: {} }),
      refusal(routes.sendMessage, { ...at, body: outgoing('hi') }),
      refusal(routes.getTicket, at),
    ]);
  }

  it('hears the same at every door of a room that exists and of one that does not', async () => {
    const [ana, stranger] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    expect(new Set(await doors(room, stranger))).toEqual(new Set(['not-a-member']));
    expect(new Set(await doors(new TestRoom(), stranger))).toEqual(new Set(['not-a-member']));
    for (const target of [room, new TestRoom()]) {
      const entry = await target.joined(stranger.id, await newInvite());
      const joining = {
        params: { id: target.id },
        token: stranger.token,
        body: { entry, sealedKey: random(60) },
      };
      expect(await refusal(routes.joinRoom, joining)).toBe('invite-invalid');
    }
  });

  it('includes who was removed a moment ago', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    await join(room, ana, ben);
    const { ticket } = await ask(routes.getTicket, { params: { id: room.id }, token: ben.token });
    const entry = sealed(room.entry('removed', ana.id, { user: ben.id }));
    const params = { id: room.id, userId: ben.id };
    await ask(routes.removeMember, { params, token: ana.token, body: { entry } });
    await room.follow(entry);
    expect(new Set(await doors(room, ben))).toEqual(new Set(['not-a-member']));
    expect(await problemIn(await openSocket(room, ticket))).toMatchObject({
      type: '/problems/ticket-invalid',
    });
  });

  it('includes who has no token', async () => {
    const at = { params: { id: crypto.randomUUID() } };
    expect(await refusal(routes.getRoom, at)).toBe('unauthenticated');
    expect(await refusal(routes.sendMessage, { ...at, body: outgoing('hi') })).toBe('unauthenticated');
    expect(await refusal(routes.getTicket, at)).toBe('unauthenticated');
  });
});

describe('messages', () => {
  it('are numbered once, however often they are sent', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const send = { params: { id: room.id }, token: ana.token, body: outgoing('once') };
    const first = await ask(routes.sendMessage, send);
    expect(first).toMatchObject({ id: send.body.id, seq: 1 });
    expect(await ask(routes.sendMessage, send)).toEqual(first);
    expect(await refusal(routes.sendMessage, { ...send, body: { ...send.body, box: '!' } })).toBe(
      'invalid-body',
    );
  });

  it('are paged from Postgres and the object as one log, each visible one once', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    const room = await newRoom(ana);
    await join(room, ana, ben);
    const at = { params: { id: room.id }, token: ana.token };
    // Every fifth is for Ben's device, and not for Ana.
    for (let seq = 1; seq <= 40; seq++) {
      const rest = seq % 5 === 0 ? { recipient: `${ben.id}:1` } : {};
      await ask(routes.sendMessage, { ...at, body: outgoing(`${seq}`, { ...rest, commitment: random(32) }) });
    }
    const visible = Array.from({ length: 40 }, (_, i) => i + 1).filter((seq) => seq % 5 !== 0);
    const whole = await ask(routes.listMessages, { ...at, query: { limit: 100 } });
    expect(whole.items.map(({ seq }) => seq)).toEqual(visible);
    expect(whole.next).toBeNull();

    for (const kept of [40, 17, 1]) {
      await runInDurableObject(room.stub, async (object, { storage }) => {
        await object.alarm();
        new MessageLog(storage.sql).trim(40, 1_000, kept);
      });
      const forward: typeof whole.items = [];
      for (let after: number | null = 0; after !== null; ) {
        const page: typeof whole = await ask(routes.listMessages, { ...at, query: { after, limit: 7 } });
        forward.push(...page.items);
        after = page.next;
      }
      expect(forward).toEqual(whole.items);
      const backward: typeof whole.items = [];
      for (let query: { limit: number; before?: number } | null = { limit: 6 }; query !== null; ) {
        const page: typeof whole = await ask(routes.listMessages, { ...at, query });
        backward.unshift(...page.items);
        query = page.next === null ? null : { limit: 6, before: page.next };
      }
      expect(backward).toEqual(whole.items);
    }
    const bens = await ask(routes.listMessages, { ...at, token: ben.token, query: { after: 3, limit: 3 } });
    expect(bens.items.map(({ seq }) => seq)).toEqual([4, 5, 6]);
    expect(bens.next).toBe(6);
  });

  it('are served while Postgres is away, as far as the object holds them', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const at = { params: { id: room.id }, token: ana.token };
    const texts = ['a', 'b', 'c', 'd'];
    for (const text of texts) await ask(routes.sendMessage, { ...at, body: outgoing(text) });
    leave();
    expect((await ask(routes.listMessages, { ...at, query: {} })).items).toHaveLength(4);
    settings.NEON_ENDPOINT = endpoint;
    await runInDurableObject(room.stub, async (object, { storage }) => {
      await object.alarm();
      new MessageLog(storage.sql).trim(4, 1_000, 2);
    });
    leave();
    expect((await ask(routes.sendMessage, { ...at, body: outgoing('e') })).seq).toBe(5);
    expect((await ask(routes.listMessages, { ...at, query: { after: 2 } })).items).toHaveLength(3);
    expect((await ask(routes.listMessages, { ...at, query: { limit: 2 } })).items).toHaveLength(2);
    expect(await refusal(routes.listMessages, { ...at, query: { after: 0 } })).toBe('unavailable');
    expect(await refusal(routes.listRooms, { token: ana.token, query: {} })).toBe('unavailable');
  });

  it('are asked for from one side at a time', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const at = { params: { id: room.id }, token: ana.token };
    expect(await refusal(routes.listMessages, { ...at, query: { after: 1, before: 3 } })).toBe(
      'invalid-body',
    );
    expect(await refusal(routes.listMessages, { ...at, query: { limit: 1_000 } })).toBe('invalid-body');
    expect(await ask(routes.listMessages, { ...at, query: { before: 0 } })).toEqual({
      items: [],
      next: null,
    });
  });
});

describe('the socket', () => {
  it('opens for a ticket, once, and not for a page of another site', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const at = { params: { id: room.id }, token: ana.token };
    const { ticket } = await ask(routes.getTicket, at);
    const foreign = await openSocket(room, ticket, { origin: 'https://elsewhere.test' });
    expect(await problemIn(foreign)).toMatchObject({ type: '/problems/foreign-origin' });
    const { webSocket } = await openSocket(room, ticket, { origin });
    const socket = new TestSocket(webSocket!, ana.id, '');
    socket.send({ t: 'hello', since: 0 });
    expect(await socket.frame('welcome')).toMatchObject({ seq: 0, head: room.head });
    await ask(routes.sendMessage, { ...at, body: outgoing('by REST') });
    await socket.hears('by REST');
    expect(await problemIn(await openSocket(room, ticket))).toMatchObject({
      type: '/problems/ticket-invalid',
    });
  });

  it('has no ticket for a session that has ended, nor for a suspended account', async () => {
    const [ana, ben] = await Promise.all([newPerson(), newPerson()]);
    for (const person of [ana, ben]) {
      const at = { params: { id: (await newRoom(person)).id }, token: person.token };
      await ask(routes.getTicket, at);
      if (person === ana) await ask(routes.logout, { body: { refreshToken: ana.refreshToken } });
      else await openDatabase(env).update(users).set({ status: 'suspended' }).where(eq(users.id, ben.id));
      expect(await refusal(routes.getTicket, at)).toBe('session-revoked');
    }
  });

  it('opens while Postgres is away, or says nothing: then the access token decides', async () => {
    const ana = await newPerson();
    const at = { params: { id: (await newRoom(ana)).id }, token: ana.token };
    leave();
    await ask(routes.getTicket, at);
    settings.NEON_ENDPOINT = endpoint;
    openDatabase(env);
    const reach = neonConfig.fetchFunction;
    neonConfig.fetchFunction = () => new Promise(() => {});
    try {
      await ask(routes.getTicket, at);
    } finally {
      neonConfig.fetchFunction = reach;
    }
  });

  it('wants an upgrade and a ticket', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const params = { id: room.id };
    const plain = await request(routes.openSocket, { params, query: { ticket: random(32) } });
    expect(await problemIn(plain)).toMatchObject({ type: '/problems/bad-request' });
    expect(plain.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await refusal(routes.openSocket, { params, query: { ticket: 'x' } })).toBe('invalid-body');
  });

  it('closes when its session signs out', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const { ticket } = await ask(routes.getTicket, { params: { id: room.id }, token: ana.token });
    const { webSocket } = await openSocket(room, ticket);
    const socket = new TestSocket(webSocket!, ana.id, '');
    socket.send({ t: 'hello', since: 0 });
    await socket.frame('welcome');
    await ask(routes.logout, { body: { refreshToken: ana.refreshToken } });
    expect(await socket.frame('gone')).toEqual({ t: 'gone', reason: 'signed-out' });
    expect((await socket.closed).code).toBe(4401);
  });
});
