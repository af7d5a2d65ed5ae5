import { runInDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { newId, outgoing, random, TestRoom, value } from './test/room.ts';

async function newRoom(): Promise<TestRoom> {
  const room = new TestRoom();
  const { id, name, stub, owner } = room;
  const entry = room.created();
  value(await stub.create(owner, { id, name, sealedKey: random(60), entry }));
  await room.follow(entry);
  return room;
}

it("a room's alarm drops the ciphertext of expired messages and tickets that nobody spent, and nothing else", async () => {
  const room = await newRoom();
  const { stub, owner } = room;
  const soon = Date.now() + 3_600_000;
  for (const rest of [{ expiresAt: soon }, { expiresAt: soon }, {}])
    value(await stub.send(owner, outgoing('box', rest)));
  for (const session of [newId(), newId()]) value(await stub.ticket(owner, session));
  await runInDurableObject(stub, async (object, { storage }) => {
    const { sql } = storage;
    sql.exec('update message set expires_at = 1 where seq = 1');
    sql.exec('update ticket set expires_at = 1 where hash = (select min(hash) from ticket)');
    await object.alarm();
    const boxes = sql.exec<{ box: string }>('select box from message order by seq').toArray();
    expect(boxes.map(({ box }) => box !== '')).toEqual([false, true, true]);
    expect(sql.exec('select 1 from ticket').toArray()).toHaveLength(1);
    expect(await storage.getAlarm()).toBe(soon);
  });
});

it("a room forgets an account, and is gone when it was the last one's", async () => {
  const room = await newRoom();
  const { stub, owner } = room;
  const ben = newId();
  await room.append(ben, await room.joined(ben, await room.invite({ uses: 1 })), random(60));
  value(await stub.forget(ben));
  value(await stub.forget(ben));
  expect(await stub.view(ben)).toMatchObject({ ok: false });
  expect(await stub.send(ben, outgoing('box'))).toMatchObject({ ok: false });
  expect(value(await stub.roster(owner)).members).toHaveLength(2);
  await runInDurableObject(stub, (_, { storage }) => {
    const rows = storage.sql.exec(`select 1 from member where sealed_key = ''`).toArray();
    expect(rows).toHaveLength(1);
  });
  value(await stub.forget(owner));
  await runInDurableObject(stub, (_, { storage }) => {
    for (const table of ['message', 'roster', 'member', 'ticket'])
      expect(storage.sql.exec(`select 1 from ${table}`).toArray()).toEqual([]);
  });
});
