import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { routes } from '../protocol/rest/index.ts';
import { openDatabase } from './db/client.ts';
import { messages, refreshTokens, sessions } from './db/schema.ts';
import worker from './index.ts';
import { ask, newPerson } from './test/client.ts';

const database = openDatabase(env);

it('sweeps sessions that are over and tokens that have expired, and leaves the others', async () => {
  const [gone, here] = [await newPerson(), await newPerson()];
  const tokensOf = (userId: string) =>
    database.$count(
      refreshTokens,
      sql`${refreshTokens.family} in (select id from sessions where user_id = ${userId})`,
    );
  await ask(routes.refresh, { body: { refreshToken: gone.refreshToken } });
  const { refreshToken = '' } = await ask(routes.refresh, { body: { refreshToken: here.refreshToken } });
  await database.update(sessions).set({ expiresAt: sql`now()` }).where(eq(sessions.userId, gone.id));
  await database.execute(sql`
    update refresh_tokens t set expires_at = now() from sessions s
    where s.id = t.family and t.used_at is not null and s.user_id = ${here.id}`);
  await worker.scheduled(createScheduledController(), env);
  expect(await database.$count(sessions, eq(sessions.userId, gone.id))).toBe(0);
  expect(await tokensOf(gone.id)).toBe(0);
  expect(await tokensOf(here.id)).toBe(1);
  await ask(routes.refresh, { body: { refreshToken } });
});

it('sweeps messages that have expired, and leaves the others', async () => {
  const chatroomId = crypto.randomUUID();
  const message = (seq: number, expiresAt: Date | null) => ({
    chatroomId,
    seq,
    id: crypto.randomUUID(),
    senderId: chatroomId,
    device: 1,
    cipherText: 'box',
    createdAt: new Date(),
    expiresAt,
  });
  const at = (ahead: number) => new Date(Date.now() + ahead);
  await database.insert(messages).values([message(1, at(-1000)), message(2, at(60_000)), message(3, null)]);
  await worker.scheduled(createScheduledController(), env);
  const left = await database
    .select({ seq: messages.seq })
    .from(messages)
    .where(eq(messages.chatroomId, chatroomId))
    .orderBy(messages.seq);
  expect(left).toEqual([{ seq: 2 }, { seq: 3 }]);
});
