import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it, vi } from 'vitest';
import { AccountFrame } from '../protocol/account-socket.ts';
import { readMark } from '../protocol/socket.ts';
import { env, newId, newRoom, outgoing, type TestRoom, value } from './test/room.ts';
import { open } from './test/socket.ts';

/** The socket of an account: what it has been told. */
class AccountSocket {
  readonly told: AccountFrame[] = [];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  #look: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code }) => resolve(code));
    });
    socket.addEventListener('message', ({ data }) => {
      this.told.push(AccountFrame.parse(JSON.parse(data as string)));
      this.#look();
    });
    socket.accept();
  }

  /** Waits for a frame that `wanted` takes. */
  async hears(wanted: (frame: AccountFrame) => boolean): Promise<void> {
    while (!this.told.some(wanted))
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
  }

  /** Waits until the account has been told that `room` has messages up to `seq`. */
  stirred = (room: TestRoom, seq: number): Promise<void> =>
    this.hears((frame) => frame.t === 'stirred' && frame.id === room.id && frame.seq === seq);
}

const upgrade = (userId: string, ticket: string): Promise<Response> =>
  env.ACCOUNTS.getByName(userId).fetch(`https://account.test/?ticket=${ticket}`, {
    headers: { upgrade: 'websocket' },
  });

async function listen(userId: string, sessionId = newId()): Promise<AccountSocket> {
  const { ticket } = value(await env.ACCOUNTS.getByName(userId).ticket(userId, sessionId));
  const { webSocket, status } = await upgrade(userId, ticket);
  if (!webSocket) throw new Error(`no socket: ${status}`);
  const socket = new AccountSocket(webSocket);
  await socket.hears(({ t }) => t === 'welcome');
  return socket;
}

const say = async (room: TestRoom, text = 'hello') => value(await room.stub.send(room.owner, outgoing(text)));
const seqsTold = ({ told }: AccountSocket, room: TestRoom) =>
  told.flatMap((frame) => (frame.t === 'stirred' && frame.id === room.id ? [frame.seq] : []));

describe('an account', () => {
  it('closes on a socket that does not read, and on none that does', async () => {
    const userId = newId();
    const stub = env.ACCOUNTS.getByName(userId);
    const connect = async (answers: boolean) => {
      const { ticket } = value(await stub.ticket(userId, newId()));
      const { webSocket } = await upgrade(userId, ticket);
      const texts: string[] = [];
      const closed = new Promise<number>((resolve) =>
        webSocket!.addEventListener('close', ({ code }) => resolve(code)),
      );
      webSocket!.addEventListener('message', ({ data }) => {
        if (readMark(data) && answers) webSocket!.send(data);
        texts.push(String(data).slice(0, 40));
      });
      webSocket!.accept();
      return { texts, closed };
    };
    const [reading, deaf] = [await connect(true), await connect(false)];
    // No room is called like this: what counts is that it is much.
    for (let i = 0; i < 100; i++) await stub.stirred(`${i} ${'x'.repeat(50_000)}`, 1, false);
    expect(await deaf.closed).toBe(1013);
    await vi.waitUntil(() => reading.texts.some((text) => text.includes('"99 ')));
  });

  it('hears of rooms whose socket it does not have, once until it has come', async () => {
    const [room, other] = [await newRoom(), await newRoom()];
    const ben = await room.join(await room.invite());
    const account = await listen(ben);
    for (let i = 1; i <= 3; i++) await say(room);
    await account.stirred(room, 1);
    const socket = await open(room, ben);
    await socket.frame('message');
    await say(room);
    await account.stirred(room, 4);
    await say(room);
    await say(other);
    // Joining was told before it listened; 2, 3 and 5 came while it knew already that there was something.
    expect(seqsTold(account, room)).toEqual([1, 4]);
    expect(seqsTold(account, other)).toEqual([]);
  });

  it('learns what a socket that went may have missed, and what came while nobody listened', async () => {
    const room = await newRoom();
    const ben = await room.join(await room.invite());
    const socket = await open(room, ben);
    await say(room);
    await say(room);
    await say(room);
    socket.close();
    await socket.closed;
    await say(room);
    const account = await listen(ben);
    await account.hears(
      (frame) =>
        (frame.t === 'welcome' && frame.rooms.some(({ id, seq }) => id === room.id && seq === 4)) ||
        (frame.t === 'stirred' && frame.seq === 4),
    );
  });

  it('is told again of the next message after its socket has gone', async () => {
    const room = await newRoom();
    const ben = await room.join(await room.invite());
    const account = await listen(ben);
    const socket = await open(room, ben);
    await say(room);
    await account.stirred(room, 1);
    await say(room, 'it reads this');
    await socket.hears('it reads this');
    socket.close();
    // What went to the socket since it was told may not have arrived.
    await account.stirred(room, 2);
    await say(room);
    await account.stirred(room, 3);
  });

  it('hears of its own words from another device, and of nothing that is for one device alone', async () => {
    const room = await newRoom();
    const account = await listen(room.owner);
    value(await room.stub.send(room.owner, outgoing('a key', { recipient: `${newId()}.1` })));
    await say(room);
    await account.stirred(room, 2);
    expect(seqsTold(account, room)).toEqual([2]);
  });

  it('hears of its own words once until a socket of its has come or gone, and then of what that may have missed', async () => {
    const room = await newRoom();
    const account = await listen(room.owner);
    for (let i = 1; i <= 3; i++) await say(room);
    await account.stirred(room, 1);
    const socket = await open(room, room.owner, 3);
    for (let i = 4; i <= 6; i++) await say(room);
    await account.stirred(room, 4);
    await evictDurableObject(room.stub, { webSockets: 'hibernate' });
    socket.close();
    await socket.closed;
    await account.stirred(room, 6);
    await say(room);
    await account.stirred(room, 7);
    expect(seqsTold(account, room)).toEqual([1, 4, 6, 7]);
  });

  it('hears that it came into a room, was removed from it, or that the room is gone', async () => {
    const [room, doomed] = [await newRoom(), await newRoom()];
    const ben = newId();
    const account = await listen(ben);
    for (const each of [room, doomed]) {
      const invite = await each.invite();
      await each.append(ben, await each.joined(ben, invite), 'A'.repeat(80));
      await account.stirred(each, 0);
    }
    await room.remove(room.owner, ben);
    await account.hears((frame) => frame.t === 'dropped' && frame.id === room.id);
    value(await doomed.stub.destroy(doomed.owner));
    await account.hears((frame) => frame.t === 'dropped' && frame.id === doomed.id);
    const { told } = await listen(ben);
    expect(told).toEqual([{ t: 'welcome', rooms: [] }]);
    await say(room);
    expect(seqsTold(account, room)).toEqual([0]);
  });

  it('is told by the alarm what the room died before telling, also when both were evicted', async () => {
    const room = await newRoom();
    const ben = await room.join(await room.invite());
    await say(room);
    const account = env.ACCOUNTS.getByName(ben);
    await runInDurableObject(account, (_, { storage }) => storage.sql.exec('delete from room').toArray());
    await runInDurableObject(room.stub, (_, { storage }) =>
      storage.sql.exec('update wake set delivered = 0').toArray(),
    );
    await evictDurableObject(room.stub);
    await evictDurableObject(account);
    await runDurableObjectAlarm(room.stub);
    const { told } = await listen(ben);
    expect(told).toEqual([{ t: 'welcome', rooms: [{ id: room.id, seq: 1 }] }]);
  });

  it('is told with many others a few at a time, and what is said in the room meanwhile goes between them', async () => {
    const room = await newRoom();
    await room.members(60);
    const owner = await open(room, room.owner);
    const told = () =>
      runInDurableObject(room.stub, (_, { storage }) => {
        const query = 'select count(*) as told from wake where delivered and seq > 0';
        return storage.sql.exec<{ told: number }>(query).one().told;
      });
    const steps: number[] = [];
    let before = await told();
    for (let said = 0; before < 60; said++) {
      owner.say(`${said}`);
      await owner.hears(`${said}`);
      const now = await told();
      steps.push(now - before);
      before = now;
    }
    expect(Math.max(...steps)).toBeLessThan(20);
  });

  it('goes on telling its sockets after sleep', async () => {
    const room = await newRoom();
    const ben = await room.join(await room.invite());
    const account = await listen(ben);
    await evictDurableObject(env.ACCOUNTS.getByName(ben), { webSockets: 'hibernate' });
    await say(room);
    await account.stirred(room, 1);
  });
});

describe("an account's socket", () => {
  it('opens once for each ticket, and for no made-up one, which leaves no storage behind', async () => {
    const ben = newId();
    const { ticket } = value(await env.ACCOUNTS.getByName(ben).ticket(ben, newId()));
    expect((await upgrade(ben, ticket)).status).toBe(101);
    expect((await upgrade(ben, ticket)).status).toBe(403);
    const nobody = newId();
    expect((await upgrade(nobody, ticket)).status).toBe(403);
    const tables = await runInDurableObject(env.ACCOUNTS.getByName(nobody), (_, { storage }) =>
      storage.sql.exec(`select name from sqlite_master where name = 'ticket'`).toArray(),
    );
    expect(tables).toEqual([]);
  });

  it('ends with its session, and leaves the others', async () => {
    const ben = newId();
    const [session, stays] = [newId(), newId()];
    const [ended, kept] = [await listen(ben, session), await listen(ben, stays)];
    const late = value(await env.ACCOUNTS.getByName(ben).ticket(ben, session));
    await env.ACCOUNTS.getByName(ben).endSessions([session]);
    expect(await ended.closed).toBe(4401);
    expect(ended.told.at(-1)).toEqual({ t: 'gone', reason: 'signed-out' });
    expect((await upgrade(ben, late.ticket)).status).toBe(403);
    const room = await newRoom();
    const invite = await room.invite();
    await room.append(ben, await room.joined(ben, invite), 'A'.repeat(80));
    await kept.stirred(room, 0);
  });

  it('has nothing to hear: who talks is shown the door', async () => {
    const socket = await listen(newId());
    socket.socket.send('{"t":"stirred"}');
    expect(await socket.closed).toBe(1008);
  });

  it('tries a push service again that does not answer, later and later', async () => {
    const [ben, session] = [newId(), newId()];
    const account = env.ACCOUNTS.getByName(ben);
    await runInDurableObject(account, async (instance) => {
      // A port that nobody listens on.
      Object.assign((instance as unknown as { env: object }).env, { PUSH_HOSTS: '127.0.0.1:1' });
      value(await instance.subscribe(session, 'http://127.0.0.1:1/ben'));
    });
    const pauses: number[] = [];
    await account.stirred(newId(), 1, true);
    for (let attempt = 1; attempt <= 3; attempt++) {
      await runInDurableObject(account, async (_, { storage }) => {
        type Row = { attempts: number; due: number; next_at: number };
        const read = () => storage.sql.exec<Row>('select * from subscription').one();
        await vi.waitUntil(() => read().attempts === attempt);
        expect(read().due).toBe(1);
        pauses.push(read().next_at - Date.now());
        expect(await storage.getAlarm()).toBe(read().next_at);
        storage.sql.exec('update subscription set next_at = 0');
      });
      await runDurableObjectAlarm(account);
    }
    expect(pauses.map((pause) => Math.round(pause / 30_000))).toEqual([1, 2, 4]);
  });

  it('goes with its account', async () => {
    const ben = newId();
    const socket = await listen(ben);
    await env.ACCOUNTS.getByName(ben).erase();
    expect(await socket.closed).toBe(4401);
    const room = await newRoom();
    await room.append(ben, await room.joined(ben, await room.invite()), 'A'.repeat(80));
    const { told } = await listen(ben);
    expect(told.map(({ t }) => t)).toContain('welcome');
  });
});
