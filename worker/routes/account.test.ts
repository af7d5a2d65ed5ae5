import { env } from 'cloudflare:workers';
import { neonConfig } from '@neondatabase/serverless';
import { eq, sql } from 'drizzle-orm';
import { afterEach, describe, expect, it } from 'vitest';
import { value } from '../../durable-objects/test/room.ts';
import { routes } from '../../protocol/rest/index.ts';
import { openDatabase } from '../db/client.ts';
import { files, users } from '../db/schema.ts';
import { sweep } from '../scheduled.ts';
import { openStore } from '../storage/store.ts';
import { ask, newPerson, random, refusal, registration } from '../test/client.ts';
import { newRoom, openSocket } from '../test/rooms.ts';
import { newWholeAccount, rowsWith } from '../test/whole.ts';

const database = openDatabase(env);
const store = openStore(env);
const reach = neonConfig.fetchFunction;
afterEach(() => {
  neonConfig.fetchFunction = reach;
});

const erase = ({ token, password }: { token: string; password: string }) =>
  ask(routes.deleteAccount, { token, body: { password } });

/** Moves the account's end, and that of its files, so far back that the next sweep may forget both. */
async function letTimePass(userId: string): Promise<void> {
  await database.execute(sql`
    update users set deletion = jsonb_set(deletion, '{deletedAt}', '"2020-01-01T00:00:00.000Z"') where id = ${userId}`);
  await database
    .update(files)
    .set({ deletedAt: sql`now() - interval '1 day'` })
    .where(eq(files.uploaderId, userId));
}

describe('deleting an account', () => {
  it('takes its password, and nothing less', async () => {
    const ana = await newPerson();
    const wrong = { token: ana.token, body: { password: random(32) } };
    expect(await refusal(routes.deleteAccount, wrong)).toBe('wrong-password');
    expect(await refusal(routes.deleteAccount, { body: { password: ana.password } })).toBe('unauthenticated');
    await ask(routes.me, { token: ana.token });
  });

  it('removes all that is its own, closes its sockets, and leaves others what it said', async () => {
    const ana = await newWholeAccount();
    const { friend, shared, alone } = ana;
    const [own, others] = [await openSocket(shared.id, ana), await openSocket(shared.id, friend)];
    expect((await store.sizes(`files/${ana.file}/`)).size).toBe(1);

    const receipt = await erase(ana);
    expect(receipt.removed).toEqual({
      sessions: 2,
      devices: 1,
      oneTimePreKeys: 4,
      keyBackups: 1,
      fileKeys: 1,
      files: 1,
      memberships: 2,
    });
    expect(await own.closed).toMatchObject({ code: 4401 });
    // The log, the room's owner as its roster has it (of which the entries stay, too), and until the sweep's end the number of the account and of its file.
    expect(await rowsWith(ana.id)).toEqual({ messages: 2, chatrooms: 1, files: 1, users: 1 });
    expect(await rowsWith(ana.email)).toEqual({});
    expect((await store.sizes(`files/${ana.file}/`)).size).toBe(0);
    expect((await store.sizes(`files/${ana.friendsFile}/`)).size).toBe(1);

    const { email, password, refreshToken, token } = ana;
    const credentials = { email, password, transport: 'body' as const };
    expect(await refusal(routes.login, { body: credentials })).toBe('wrong-credentials');
    expect(await refusal(routes.refresh, { body: { refreshToken } })).toBe('session-revoked');
    expect(await refusal(routes.me, { token })).toBe('unauthenticated');
    for (const room of [shared, alone])
      expect(await refusal(routes.getRoom, { token, params: { id: room.id } })).toBe('not-a-member');
    const bundles = { token: friend.token, params: { id: ana.id }, query: { room: shared.id, devices: '1' } };
    expect(await refusal(routes.getBundles, bundles)).toBe('not-found');
    expect(await refusal(routes.getFile, { token: friend.token, params: { id: ana.file }, query: {} })).toBe(
      'not-found',
    );

    // The friend's room goes on, and the log holds what it held.
    const at = { token: friend.token, params: { id: shared.id } };
    const { items } = await ask(routes.listMessages, { ...at, query: {} });
    expect(items.filter(({ sender }) => sender === ana.id)).toHaveLength(1);
    await ask(routes.getFile, { token: friend.token, params: { id: ana.friendsFile }, query: {} });
    others.say('still here');
    await others.frame('ack');
    // Somebody else may have the email from now on.
    await ask(routes.register, { body: { ...registration(), email } });

    await letTimePass(ana.id);
    await sweep(env);
    expect(await rowsWith(ana.id)).toEqual({ messages: 2, chatrooms: 1 });
  });

  it('answers its first receipt when it is asked again', async () => {
    const ana = await newPerson();
    expect(await erase(ana)).toEqual(await erase(ana));
    await letTimePass(ana.id);
    await sweep(env);
    expect(await refusal(routes.deleteAccount, { token: ana.token, body: ana })).not.toBe('wrong-password');
  });

  it('is finished by the sweep, wherever it died', async () => {
    const whole = { messages: 2, chatrooms: 1 };
    let died = true;
    for (let last = 3; died; last += 2) {
      const ana = await newWholeAccount();
      let calls = 0;
      neonConfig.fetchFunction = (...request: Parameters<typeof fetch>) =>
        ++calls > last ? Promise.reject(new Error('the Worker has died')) : fetch(...request);
      await erase(ana);
      died = calls > last;
      neonConfig.fetchFunction = reach;
      await sweep(env);
      await letTimePass(ana.id);
      await sweep(env);
      expect(await rowsWith(ana.id), `after statement ${last}`).toEqual(whole);
      expect((await store.sizes(`files/${ana.file}/`)).size).toBe(0);
    }
  }, 60_000);

  it('shuts the doors that a token of the last minutes would open, in what it makes after the end too', async () => {
    const ana = await newPerson();
    await erase(ana);
    const room = await newRoom(ana);
    expect(await refusal(routes.getTicket, { token: ana.token, params: { id: room.id } })).toBe(
      'session-revoked',
    );
    await letTimePass(ana.id);
    await sweep(env);
    expect(await database.$count(users, eq(users.id, ana.id))).toBe(0);
    expect(await rowsWith(ana.id)).toEqual({});
    expect(await rowsWith(room.id)).toEqual({});
  });

  it('lets members remove who is no more, and tells that account of nothing', async () => {
    const ana = await newWholeAccount();
    const ben = ana.friend;
    await erase(ben);
    const object = env.ROOMS.getByName(ana.shared.id);
    expect(value(await object.roster(ana.id)).members.map(({ userId }) => userId)).toContain(ben.id);
    await ana.shared.remove(ben);
    expect(value(await object.roster(ana.id)).members.map(({ userId }) => userId)).toEqual([ana.id]);
  });
});
