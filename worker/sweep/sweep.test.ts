import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { neonConfig } from '@neondatabase/serverless';
import { eq, inArray, sql } from 'drizzle-orm';
import { afterEach, expect, it } from 'vitest';
import { routes } from '../../protocol/rest/index.ts';
import { openDatabase } from '../db/client.ts';
import {
  devices,
  fileDeltas,
  fileKeys,
  files,
  messages,
  oneTimePreKeys,
  refreshTokens,
  sessions,
} from '../db/schema.ts';
import { sweep } from '../scheduled.ts';
import { ask, newPerson, type Person } from '../test/client.ts';
import { removeOrphans } from './files.ts';

// The bucket of this test file alone.
const local = { ...env, S3_ENDPOINT: '/local' };
const database = openDatabase(env);
const reach = neonConfig.fetchFunction;
afterEach(() => {
  neonConfig.fetchFunction = reach;
});

const newId = () => crypto.randomUUID();
const past = new Date('2020-01-01');
const future = new Date(Date.now() + 3_600_000);
const fileOf = (person: Person, chatroomId: string, expiry: Date | null) => ({
  id: newId(),
  uploaderId: person.id,
  chatroomId,
  fileName: 'head',
  storagePath: '',
  encryptedKey: 'key',
  expiry,
});

/** Something of every kind whose time has come, and its like that lives; their ids. */
async function mixture(person: Person) {
  const room = newId();
  const ids = { session: [newId(), newId(), newId()], message: [newId(), newId(), newId()] };
  const [over, revoked, alive] = ids.session as [string, string, string];
  const session = (id: string, expiresAt: Date, revokedAt: Date | null = null) => ({
    ...{ id, userId: person.id, expiresAt, revokedAt },
  });
  await database
    .insert(sessions)
    .values([session(over, past), session(revoked, future, past), session(alive, future)]);
  const token = (family: string, expiresAt: Date) => ({ id: newId(), family, tokenHash: newId(), expiresAt });
  const tokens = [token(alive, past), token(over, past), token(revoked, future), token(alive, future)];
  await database.insert(refreshTokens).values(tokens);
  const message = (id: string, seq: number, expiresAt: Date | null) => ({
    ...{
      chatroomId: room,
      seq,
      id,
      senderId: person.id,
      device: 1,
      cipherText: 'box',
      createdAt: past,
      expiresAt,
    },
  });
  await database
    .insert(messages)
    .values(ids.message.map((id, i) => message(id, i, [past, future, null][i]!)));
  const key = { id: 1, publicKey: 'k', signature: 's' };
  const deviceId = 1;
  await database
    .insert(devices)
    .values({ userId: person.id, id: deviceId, registrationId: 1, signedPreKey: key })
    .onConflictDoNothing();
  const preKey = (keyId: number, handedOutAt: Date | null) => ({
    ...{ userId: person.id, deviceId, kind: 'ec' as const, keyId, publicKey: '', handedOutAt },
  });
  await database
    .insert(oneTimePreKeys)
    .values([preKey(1, past), preKey(2, new Date()), preKey(3, null)])
    .onConflictDoNothing();
  const kept = [fileOf(person, room, null), fileOf(person, room, future)];
  const gone = [fileOf(person, room, past), fileOf(person, room, past)];
  const orphan = newId();
  for (const file of [...kept, ...gone]) file.storagePath = `files/${file.id}`;
  await database.insert(files).values([...kept, ...gone]);
  const all = [...kept, ...gone].map(({ id: fileId }) => fileId);
  await database.insert(fileDeltas).values(all.map((fileId) => ({ fileId, n: 0, sealed: 's' })));
  await database
    .insert(fileKeys)
    .values(all.map((fileId) => ({ fileId, userId: person.id, encryptedKey: 'k' })));
  for (const id of [...all, orphan]) await env.FILES.put(`files/${id}/0`, 'object');
  return { ids, over, revoked, alive, tokens, kept, gone, orphan };
}

/** What is left of it. */
async function left({ ids, tokens, kept, gone, orphan }: Awaited<ReturnType<typeof mixture>>) {
  const fileIds = [...kept, ...gone].map(({ id }) => id);
  const objects = await Promise.all([...fileIds, orphan].map((id) => env.FILES.head(`files/${id}/0`)));
  const counted = (rows: { id: string }[], order: readonly string[]) =>
    rows.map(({ id }) => order.indexOf(id)).sort();
  const tokenIds = tokens.map(({ id }) => id);
  return {
    sessions: counted(
      await database.select({ id: sessions.id }).from(sessions).where(inArray(sessions.id, ids.session)),
      ids.session,
    ),
    tokens: counted(
      await database
        .select({ id: refreshTokens.id })
        .from(refreshTokens)
        .where(inArray(refreshTokens.id, tokenIds)),
      tokenIds,
    ),
    messages: counted(
      await database.select({ id: messages.id }).from(messages).where(inArray(messages.id, ids.message)),
      ids.message,
    ),
    keys: counted(
      await database.select({ id: fileKeys.fileId }).from(fileKeys).where(inArray(fileKeys.fileId, fileIds)),
      fileIds,
    ),
    deltas: counted(
      await database
        .select({ id: fileDeltas.fileId })
        .from(fileDeltas)
        .where(inArray(fileDeltas.fileId, fileIds)),
      fileIds,
    ),
    objects: objects.map((object) => object !== null),
  };
}

const swept = {
  sessions: [2],
  tokens: [3],
  messages: [1, 2],
  keys: [0, 1],
  deltas: [0, 1],
  objects: [true, true, false, false, false],
};

it('comes to the same end wherever an earlier run died, and touches nothing that lives', async () => {
  const person = await newPerson();
  let died = true;
  let runs = 0;
  for (let last = 0; died; last++) {
    const made = await mixture(person);
    let calls = 0;
    neonConfig.fetchFunction = (...request: Parameters<typeof fetch>) =>
      ++calls > last ? Promise.reject(new Error('the Worker has died')) : fetch(...request);
    await sweep(local).catch(() => {});
    died = calls > last;
    neonConfig.fetchFunction = reach;
    if (died) await sweep(local);
    expect(await left(made), `dead after statement ${last}`).toEqual(swept);
    runs++;
  }
  expect(runs).toBeGreaterThan(12);
  const spent = await database.select().from(oneTimePreKeys).where(sql`user_id = ${person.id}`);
  expect(spent.map(({ keyId }) => keyId).sort()).toEqual([2, 3]);
}, 60_000);

it('wakes nobody any more whose session has run out', async () => {
  const [person, other] = [await newPerson(), await newPerson()];
  const subscriptions = (of: Person) =>
    runInDurableObject(env.ACCOUNTS.getByName(of.id), (_, { storage }) =>
      storage.sql.exec('select endpoint from subscription').toArray(),
    );
  for (const { token, id } of [person, other])
    await ask(routes.subscribePush, { token, body: { endpoint: `http://127.0.0.1:1/${id}` } });
  await database.update(sessions).set({ expiresAt: past }).where(eq(sessions.userId, person.id));
  await sweep(local);
  expect(await subscriptions(person)).toEqual([]);
  expect(await subscriptions(other)).toHaveLength(1);
});

it('takes as many statements as expired rows need', async () => {
  const room = newId();
  await database.execute(sql`
    insert into messages (chatroom_id, seq, id, sender_id, device, cipher_text, created_at, expires_at)
    select ${room}, n, gen_random_uuid(), ${room}, 1, 'box', now(), now() - interval '1 day'
    from generate_series(1, 12000) n`);
  await sweep(local);
  expect(await database.$count(messages, sql`chatroom_id = ${room}`)).toBe(0);
});

it('removes orphaned objects a few at a time, and none where most of a bucket would be', async () => {
  const person = await newPerson();
  const known = Array.from({ length: 40 }, () => fileOf(person, newId(), null));
  await database.insert(files).values(known);
  const orphans = Array.from({ length: 25 }, newId);
  for (const id of [...known.map(({ id }) => id), ...orphans]) await env.FILES.put(`files/${id}/0`, 'object');
  const count = async () => (await env.FILES.list({ prefix: 'files/' })).objects.length;
  const before = await count();
  await removeOrphans(local);
  expect(await count()).toBe(before - 20);
  await removeOrphans(local);
  await removeOrphans(local);
  expect(await count()).toBe(before - 25);
  for (const { id } of known) expect(await env.FILES.head(`files/${id}/0`)).not.toBeNull();

  // More than all that the tests before have left.
  const strangers = Array.from({ length: 2 * (await count()) }, newId);
  for (const id of strangers) await env.FILES.put(`files/${id}/0`, 'object');
  await expect(removeOrphans(local)).rejects.toThrow('database');
  expect(await count()).toBe(before - 25 + strangers.length);
});
