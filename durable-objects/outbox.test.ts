import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { neon, neonConfig } from '@neondatabase/serverless';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fromBase64, fromUtf8 } from '../protocol/bytes.ts';
import type { Message } from '../protocol/socket.ts';
import { keptMessages } from './log.ts';
import { lateness } from './outbox.ts';
import { env, fault, newId, newRoom, outgoing, random, type TestRoom, value } from './test/room.ts';
import { open } from './test/socket.ts';

const endpoint = env.NEON_ENDPOINT;
const settings = env as { NEON_ENDPOINT: string | undefined; LIMIT_PER_SOCKET?: string };
/** A port where nobody listens. */
const leave = () => {
  settings.NEON_ENDPOINT = 'http://127.0.0.1:9/sql';
};
const comeBack = () => {
  settings.NEON_ENDPOINT = endpoint;
  neonConfig.fetchFunction = undefined;
  vi.useRealTimers();
};
afterEach(comeBack);

async function rows(room: TestRoom, query: string): Promise<Record<string, unknown>[]> {
  neonConfig.fetchEndpoint = endpoint!;
  return neon(env.DATABASE_URL).query(query, [room.id]);
}
const archived = (room: TestRoom) =>
  rows(
    room,
    `select seq::integer, id, sender_id as sender, device, cipher_text as box, recipient, commitment,
       (extract(epoch from created_at) * 1000)::bigint::text as at,
       (extract(epoch from expires_at) * 1000)::bigint::text as "expiresAt"
     from messages where chatroom_id = $1 order by seq`,
  );
const members = (room: TestRoom) =>
  rows(
    room,
    'select user_id as "userId", role from chatroom_members where chatroom_id = $1 order by joined_at',
  );
const texts = (found: readonly Record<string, unknown>[]) =>
  found.map(({ box }) => fromUtf8(fromBase64(box as string)));

/** What the alarm does, whether or not it has gone off by itself. */
const flush = (room: TestRoom) => runInDurableObject(room.stub, (object) => object.alarm());
const send = async (room: TestRoom, text: string) => value(await room.stub.send(room.owner, outgoing(text)));
const alarmIn = (room: TestRoom) =>
  runInDurableObject(room.stub, async (_, { storage }) => (await storage.getAlarm())! - Date.now());

describe('Postgres', () => {
  it('has rooms, rosters and members as soon as the change is answered', async () => {
    const room = await newRoom();
    expect(await rows(room, 'select name, owner_id from chatrooms where id = $1')).toEqual([
      { name: room.name, owner_id: room.owner },
    ]);
    const [ben, carla] = (await room.members(2)) as [string, string];
    await room.setRole(room.owner, ben, 'owner');
    await room.remove(ben, carla);
    expect(await members(room)).toEqual([
      { userId: room.owner, role: 'owner' },
      { userId: ben, role: 'owner' },
    ]);
    await room.leave(room.owner);
    expect(await members(room)).toEqual([{ userId: ben, role: 'owner' }]);
    const name = random(40);
    value(await room.stub.rename(ben, name));
    expect(await rows(room, 'select name, owner_id from chatrooms where id = $1')).toEqual([
      { name, owner_id: ben },
    ]);
    const log = await rows(
      room,
      `select body, signature, invite_signature as "inviteSignature" from roster_entries
       where chatroom_id = $1 order by seq`,
    );
    const { entries } = value(await room.stub.roster(ben));
    expect(log).toEqual(entries.map((entry) => ({ inviteSignature: null, ...entry })));
  });

  it('gets what comes while it is being written to with the next batch, not one by one', async () => {
    const room = await newRoom();
    let requests = 0;
    await runInDurableObject(room.stub, async (object) => {
      value(await object.send(room.owner, outgoing('first')));
      neonConfig.fetchFunction = async (url: string, init: RequestInit) => {
        if (++requests <= 5) value(await object.send(room.owner, outgoing('meanwhile')));
        return fetch(url, init);
      };
      await object.alarm();
    });
    expect(requests).toBe(1);
    expect(await alarmIn(room)).toBeGreaterThan(0);
    comeBack();
    await flush(room);
    expect(texts(await archived(room))).toEqual(['first', 'meanwhile']);
  });

  it('has somebody who comes back once, with the new key and time', async () => {
    const room = await newRoom();
    const invite = await room.invite();
    const ben = await room.join(invite);
    await room.leave(ben);
    const sealedKey = random(60);
    await room.append(ben, await room.joined(ben, invite), sealedKey);
    const found = await rows(
      room,
      `select sealed_key from chatroom_members where chatroom_id = $1 and role = 'member'`,
    );
    expect(found).toEqual([{ sealed_key: sealedKey }]);
  });

  it('gets messages in batches by the alarm, with all that belongs to them', async () => {
    const room = await newRoom();
    const full = outgoing('full', {
      recipient: `${newId()}:7`,
      commitment: random(32),
      expiresAt: Date.now() + 60_000,
    });
    const first = value(await room.stub.send(room.owner, full));
    await send(room, 'plain');
    const pause = await alarmIn(room);
    expect(pause).toBeGreaterThan(0);
    expect(pause).toBeLessThanOrEqual(1_000);
    await flush(room);
    const [one, two] = await archived(room);
    expect(one).toEqual({
      ...full,
      ...first,
      sender: room.owner,
      at: `${first.at}`,
      expiresAt: `${full.expiresAt}`,
    });
    expect(two).toMatchObject({ seq: 2, recipient: null, commitment: null, expiresAt: null });
  });

  it('takes an expiry beyond all calendars without choking', async () => {
    const room = await newRoom();
    value(await room.stub.send(room.owner, outgoing('for ever', { expiresAt: Number.MAX_SAFE_INTEGER })));
    await flush(room);
    expect(texts(await archived(room))).toEqual(['for ever']);
  });
});

describe('while Postgres is away', () => {
  it('rooms go on, and all of it arrives, in order, once, when it is back', async () => {
    leave();
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const [sender, reader] = await Promise.all([open(room, room.owner), open(room, ben)]);
    const said: string[] = [];
    for (let i = 0; i < 4; i++) {
      said.push(`m${i}`);
      sender.say(`m${i}`);
      await reader.hears(`m${i}`);
      await flush(room);
      await evictDurableObject(room.stub);
    }
    await room.remove(room.owner, ben);
    expect(await archived(room)).toEqual([]);
    comeBack();
    await flush(room);
    expect(texts(await archived(room))).toEqual(said);
    expect(await members(room)).toEqual([{ userId: room.owner, role: 'owner' }]);
    expect(await rows(room, 'select seq from roster_entries where chatroom_id = $1')).toHaveLength(
      room.seq + 1,
    );
  });

  it('pauses longer and longer between attempts, up to half a minute', async () => {
    const room = await newRoom();
    leave();
    await send(room, 'waiting');
    for (let i = 0; i < 7; i++) {
      await flush(room);
      const failures = await runInDurableObject(room.stub, (_, { storage }) =>
        Number(storage.sql.exec('select failures from room').one().failures),
      );
      expect(failures).toBeGreaterThan(i);
      const wanted = Math.min(30_000, 1_000 * 2 ** failures);
      const pause = await alarmIn(room);
      expect(pause).toBeGreaterThan(wanted / 2);
      expect(pause).toBeLessThanOrEqual(wanted);
      await evictDurableObject(room.stub);
    }
    comeBack();
    await flush(room);
    expect(texts(await archived(room))).toEqual(['waiting']);
  });

  it('answers within a few seconds when it says nothing at all', { timeout: 15_000 }, async () => {
    const room = await newRoom();
    neonConfig.fetchFunction = (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const start = Date.now();
    const name = random(40);
    value(await room.stub.rename(room.owner, name));
    expect(Date.now() - start).toBeLessThan(5_000);
    expect(value(await room.stub.view(room.owner)).name).toBe(name);
  });

  it('repeats without harm what had arrived when the answer was lost', async () => {
    const room = await newRoom();
    const invite = await room.invite();
    let lost = 0;
    neonConfig.fetchFunction = async (url: string, init: RequestInit) => {
      const response = await fetch(url, init);
      await response.arrayBuffer();
      lost += 1;
      throw new TypeError('connection lost');
    };
    await room.join(invite);
    await send(room, 'one');
    await flush(room);
    await send(room, 'two');
    await flush(room);
    expect(lost).toBeGreaterThan(2);
    comeBack();
    await flush(room);
    expect(texts(await archived(room))).toEqual(['one', 'two']);
    expect(await members(room)).toHaveLength(2);
  });
});

describe('an old message', () => {
  it('leaves the object once Postgres has it, and is recognised all the same', {
    timeout: 30_000,
  }, async () => {
    settings.LIMIT_PER_SOCKET = '10000';
    const room = await newRoom();
    const total = keptMessages + 120;
    const first = outgoing('first');
    const accepted = value(await room.stub.send(room.owner, first));
    const sendMany = (count: number) =>
      runInDurableObject(room.stub, async (object) => {
        for (let i = 0; i < count; i++) value(await object.send(room.owner, outgoing(`${i}`)));
      });
    leave();
    await sendMany(total - 1);
    await flush(room);
    expect(value(await room.stub.held(room.owner, { limit: 1 })).oldest).toBe(1);
    comeBack();
    await flush(room);
    const { oldest, last } = value(await room.stub.held(room.owner, { limit: 1 }));
    expect([oldest, last]).toEqual([121, total]);
    expect(await archived(room)).toHaveLength(total);
    expect(value(await room.stub.send(room.owner, first))).toEqual(accepted);
    const socket = await open(room, room.owner);
    expect(await socket.frame('welcome')).toMatchObject({ from: 120, seq: total });
    const seqs = () => socket.messages.map(({ seq }: Message) => seq);
    await socket.until(() => seqs().at(-1) === total || undefined);
    expect(seqs()).toEqual(Array.from({ length: keptMessages }, (_, i) => i + 121));
    await evictDurableObject(room.stub);
    expect((await send(room, 'next')).seq).toBe(total + 1);
    delete settings.LIMIT_PER_SOCKET;
  });
});

it('is written to a second after something was said, or five after the last time', async () => {
  const room = await newRoom();
  await flush(room);
  await send(room, 'at once');
  const soon = await alarmIn(room);
  expect(soon).toBeGreaterThan(1_000);
  expect(soon).toBeLessThanOrEqual(5_000);
  await flush(room);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
  await send(room, 'after a rest');
  expect(await alarmIn(room)).toBeLessThanOrEqual(1_000);
});

it('is written to soon again after a clock that jumped ahead has jumped back', async () => {
  const room = await newRoom();
  await flush(room);
  const [now, day] = [Date.now(), 86_400_000];
  vi.useFakeTimers({ toFake: ['Date'], now: now + day });
  await send(room, 'tomorrow');
  vi.setSystemTime(now);
  await send(room, 'today');
  expect(await alarmIn(room)).toBeLessThanOrEqual(5_000);
  const sent = value(await room.stub.held(room.owner, { limit: 2 })).items;
  expect(sent.map(({ at }) => at - now)).toEqual([day, day]);
});

describe('an expired message', () => {
  it('loses its ciphertext when its time has come, in a quiet room too, and keeps its place', async () => {
    const room = await newRoom();
    const expiresAt = Date.now() + 3_600_000;
    const message = outgoing('secret', { expiresAt, commitment: random(32) });
    const accepted = value(await room.stub.send(room.owner, message));
    await flush(room);
    expect(await alarmIn(room)).toBeGreaterThan(3_500_000);
    await runInDurableObject(room.stub, (_, { storage }) => {
      storage.sql.exec('update message set expires_at = ?', Date.now() - 1);
    });
    await flush(room);
    const kept = await runInDurableObject(room.stub, (_, { storage }) =>
      storage.sql.exec('select box, commitment from message').toArray(),
    );
    expect(kept).toEqual([{ box: '', commitment: null }]);
    await evictDurableObject(room.stub);
    expect(value(await room.stub.send(room.owner, message))).toEqual(accepted);
    expect((await send(room, 'next')).seq).toBe(2);
  });
});

describe('a deleted room', () => {
  it('is not brought back by what comes to Postgres late, after its deletion', async () => {
    const room = await newRoom();
    const late: Parameters<typeof fetch>[] = [];
    await send(room, 'one');
    await room.join(await room.invite());
    // Nobody answers: for the room this has failed, but it is under way.
    neonConfig.fetchFunction = (...request: Parameters<typeof fetch>) => {
      late.push(request);
      return Promise.reject(new Error('no answer'));
    };
    await send(room, 'two');
    value(await room.stub.rename(room.owner, random(40)));
    await flush(room);
    neonConfig.fetchFunction = undefined;
    value(await room.stub.destroy(room.owner));
    await flush(room);
    const kinds = ['chatrooms where id', 'messages where chatroom_id'];
    const left = async () =>
      (await Promise.all(kinds.map((kind) => rows(room, `select 1 from ${kind} = $1`)))).flat();
    expect(await left()).toEqual([]);
    for (const [input, init] of late) await (await fetch(input, { ...init, signal: null })).text();
    expect((await left()).length).toBeGreaterThanOrEqual(2);
    expect(await alarmIn(room)).toBeGreaterThan(lateness / 2);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + lateness });
    await flush(room);
    expect(await left()).toEqual([]);
    const alarm = await runInDurableObject(room.stub, (_, { storage }) => storage.getAlarm());
    expect(alarm ?? 0).toBeLessThan(Date.now());
  });

  it('leaves Postgres too, even when that is away at first, and its files expire', async () => {
    const room = await newRoom();
    const [file, kept] = [newId(), await newRoom()];
    const sql = neon(env.DATABASE_URL);
    await sql.query(
      `insert into users (id, email, public_key, password_hash, wrapped_secret) values ($1, $2, 'k', 'h', 'w')`,
      [room.owner, `${room.owner}@example.test`],
    );
    await sql.query(
      `insert into files (id, uploader_id, chatroom_id, file_name, storage_path, encrypted_key)
       values ($1, $2, $3, 'n', 'p', 'k')`,
      [file, room.owner, room.id],
    );
    await send(room, 'one');
    await send(kept, 'other');
    await flush(room);
    await flush(kept);
    leave();
    expect(fault(await room.stub.destroy(room.owner))).toBe('none');
    expect(await archived(room)).toHaveLength(1);
    comeBack();
    await flush(room);
    expect(await archived(room)).toEqual([]);
    expect(await members(room)).toEqual([]);
    expect(await rows(room, 'select 1 from chatrooms where id = $1')).toEqual([]);
    expect(await rows(room, 'select 1 from roster_entries where chatroom_id = $1')).toEqual([]);
    const expired = await rows(room, 'select id from files where chatroom_id = $1 and expiry <= now()');
    expect(expired).toEqual([{ id: file }]);
    expect(texts(await archived(kept))).toEqual(['other']);
    const left = await runInDurableObject(room.stub, (_, { storage }) =>
      ['message', 'trimmed', 'roster', 'member', 'invite', 'ticket'].flatMap((table) =>
        storage.sql.exec(`select 1 from ${table}`).toArray(),
      ),
    );
    expect(left).toEqual([]);
  });
});
