import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { routes } from '../../protocol/rest/index.ts';
import { openDatabase } from '../db/client.ts';
import {
  ask,
  deviceList,
  newPerson,
  type Person,
  problemIn,
  random,
  refusal,
  request,
} from '../test/client.ts';
import { newRoom, openSocket } from '../test/rooms.ts';

const database = openDatabase(env);

/** Another sign-in of somebody. */
async function again({ email, password, ...rest }: Person): Promise<Person> {
  const reply = await ask(routes.login, { body: { email, password, transport: 'body' } });
  return { ...rest, email, password, token: reply.accessToken, refreshToken: reply.refreshToken! };
}
const list = async ({ token }: Person) => (await ask(routes.listSessions, { token, query: {} })).items;
const currentOf = async (person: Person) => (await list(person)).find(({ current }) => current)!.id;

describe('sessions', () => {
  it('are listed, the newest first, with the device that each speaks for', async () => {
    const ana = await newPerson();
    const phone = await again(ana);
    const sealedName = random(40);
    const signedPreKey = { id: 1, publicKey: random(33), signature: random(64) };
    const body = {
      deviceId: 1,
      registrationId: 101,
      signedPreKey,
      sealedName,
      deviceList: deviceList(ana.id, 1, [1]),
    };
    await ask(routes.putDevice, { token: phone.token, body });
    await ask(routes.refresh, { body: { refreshToken: phone.refreshToken } });
    const sessions = await list(ana);
    expect(sessions).toMatchObject([
      { deviceId: 1, sealedName, current: false },
      { deviceId: null, sealedName: null, current: true },
    ]);
    const [used, unused] = sessions;
    expect(Date.parse(used!.usedAt)).toBeGreaterThan(Date.parse(used!.createdAt));
    expect(unused!.usedAt).toBe(unused!.createdAt);
    expect((await list(phone)).map(({ current }) => current)).toEqual([true, false]);
    expect(await list(await newPerson())).toHaveLength(1);
  });

  it('come in pages that hold while sessions come and go', async () => {
    const ana = await newPerson();
    const others = [];
    for (let i = 0; i < 4; i++) others.push(await again(ana));
    const { token } = ana;
    const ids = (await list(ana)).map(({ id }) => id);
    const first = await ask(routes.listSessions, { token, query: { limit: 2 } });
    await again(ana);
    await ask(routes.revokeSession, { token, params: { id: ids[0]! } });
    const second = await ask(routes.listSessions, { token, query: { limit: 2, cursor: first.next! } });
    const third = await ask(routes.listSessions, { token, query: { limit: 2, cursor: second.next! } });
    expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids);
    expect(third.next).toBeNull();
  });

  it('end one by one: the refresh token is void, sockets close, and a token in hand opens no other', async () => {
    const ana = await newPerson();
    const stolen = await again(ana);
    const room = await newRoom(ana);
    const [mine, theirs] = [await openSocket(room.id, ana), await openSocket(room.id, stolen)];
    const { ticket } = await ask(routes.getTicket, { params: { id: room.id }, token: stolen.token });
    const id = await currentOf(stolen);
    await ask(routes.revokeSession, { token: ana.token, params: { id } });
    expect((await theirs.closed).code).toBe(4401);
    expect(await refusal(routes.refresh, { body: { refreshToken: stolen.refreshToken } })).toBe(
      'session-revoked',
    );
    const upgrade = { params: { id: room.id }, query: { ticket }, headers: { upgrade: 'websocket' } };
    expect(await refusal(routes.openSocket, upgrade)).toBe('ticket-invalid');
    const { token } = stolen;
    expect(await refusal(routes.getTicket, { params: { id: room.id }, token })).toBe('session-revoked');
    expect(await refusal(routes.getAccountTicket, { params: { id: ana.id }, token })).toBe('session-revoked');
    // Whoever was signed out signs nobody out in turn.
    expect(await refusal(routes.listSessions, { token, query: {} })).toBe('session-revoked');
    const own = await currentOf(ana);
    expect(await refusal(routes.revokeSession, { token, params: { id: own } })).toBe('session-revoked');
    expect(await list(ana)).toHaveLength(1);
    mine.say('still here');
    await mine.hears('still here');
    // Asked again, it answers the same: the first answer may have been lost.
    await ask(routes.revokeSession, { token: ana.token, params: { id } });
  });

  it('of others can neither be seen nor ended', async () => {
    const [ana, ben] = [await newPerson(), await newPerson()];
    const id = await currentOf(ana);
    expect(await refusal(routes.revokeSession, { token: ben.token, params: { id } })).toBe('not-found');
    await ask(routes.refresh, { body: { refreshToken: ana.refreshToken } });
  });
});

describe('the end of a session', () => {
  it('closes its sockets in rooms that Postgres does not know of yet', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const socket = await openSocket(room.id, ana);
    await database.execute(sql`delete from chatroom_members where user_id = ${ana.id}`);
    await ask(routes.logout, { body: { refreshToken: ana.refreshToken } });
    expect((await socket.closed).code).toBe(4401);
  });

  it('is told to a room by the alarm when the account’s object died before', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    const socket = await openSocket(room.id, ana);
    const account = env.ACCOUNTS.getByName(ana.id);
    await runInDurableObject(account, (_, { storage }) => {
      storage.sql.exec('update visit set due = 1');
      return storage.setAlarm(Date.now() + 60_000);
    });
    await evictDurableObject(account);
    await runDurableObjectAlarm(account);
    expect((await socket.closed).code).toBe(4401);
    const left = await runInDurableObject(account, (_, { storage }) =>
      storage.sql.exec('select * from visit').toArray(),
    );
    expect(left).toEqual([]);
  });

  it('is known where tickets are given, whatever the database says', async () => {
    const ana = await newPerson();
    const room = await newRoom(ana);
    (await openSocket(room.id, ana)).close();
    const account = env.ACCOUNTS.getByName(ana.id);
    await account.endSessions([await currentOf(ana)]);
    const { token } = ana;
    expect(await refusal(routes.getTicket, { params: { id: room.id }, token })).toBe('session-revoked');
    const body = { endpoint: 'http://127.0.0.1:1/ana' };
    expect(await refusal(routes.subscribePush, { token, body })).toBe('session-revoked');
  });
});

describe('a cursor', () => {
  it('is good for its own list of its own account, unaltered', async () => {
    const [ana, ben] = [await newPerson(), await newPerson()];
    for (const each of [ana, ben]) {
      await again(each);
      for (let i = 0; i < 2; i++) await newRoom(each);
    }
    const { token } = ana;
    const { next } = await ask(routes.listRooms, { token, query: { limit: 1 } });
    const cursor = next!;
    expect((await ask(routes.listRooms, { token, query: { cursor, limit: 1 } })).items).toHaveLength(1);
    const refused = async (route: 'listRooms' | 'listSessions', by: Person, altered: string) => {
      const response = await request(routes[route], { token: by.token, query: { cursor: altered } });
      const { type, errors } = await problemIn(response);
      expect(type).toBe('/problems/invalid-body');
      expect(errors?.[0]?.pointer).toBe('/cursor');
    };
    await refused('listSessions', ana, cursor);
    await refused('listRooms', ben, cursor);
    const other = (character: string) => (character === 'A' ? 'B' : 'A');
    for (const at of [0, 20, 60]) {
      const altered = `${cursor.slice(0, at)}${other(cursor[at]!)}${cursor.slice(at + 1)}`;
      await refused('listRooms', ana, altered);
    }
    for (const made of ['', 'AAAA', cursor.slice(0, 44), `${cursor}AAAA`])
      await refused('listRooms', ana, made);
  });

  it('of key backups is good for the same room', async () => {
    const ana = await newPerson();
    const rooms = [await newRoom(ana), await newRoom(ana)];
    const entries = rooms.flatMap(({ id: chatroomId }) =>
      [1, 2].map(() => ({ chatroomId, id: random(32), sealed: random(100) })),
    );
    const { token } = ana;
    await ask(routes.putBackup, { token, body: { entries } });
    const [room, another] = rooms.map(({ id }) => id) as [string, string];
    const { items, next } = await ask(routes.getBackup, { token, query: { room, limit: 1 } });
    const rest = await ask(routes.getBackup, { token, query: { room, limit: 1, cursor: next! } });
    expect([...items, ...rest.items].map(({ id }) => id).sort()).toEqual(
      entries
        .slice(0, 2)
        .map(({ id }) => id)
        .sort(),
    );
    const elsewhere = { token, query: { room: another, cursor: next! } };
    expect(await refusal(routes.getBackup, elsewhere)).toBe('invalid-body');
  });
});
