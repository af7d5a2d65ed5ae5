import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env as bindings } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { RateLimit } from './rate-limit.ts';

const env = bindings as unknown as { LIMITS: DurableObjectNamespace<RateLimit> };
const fresh = () => env.LIMITS.getByName(crypto.randomUUID());

/** Lets `seconds` pass for what `stub` has counted. */
const pass = (stub: DurableObjectStub<RateLimit>, seconds: number) =>
  runInDurableObject(stub, (_, { storage }) => {
    storage.sql.exec('update uses set ends = ends - ?', seconds * 1000);
  });

it('allows exactly the limit, however many ask at a time', async () => {
  const stub = fresh();
  const answers = await Promise.all(Array.from({ length: 25 }, () => stub.take(10, 60)));
  expect(answers.filter(({ allowed }) => allowed)).toHaveLength(10);
  for (const { allowed, retryAfter } of answers) {
    if (allowed) expect(retryAfter).toBe(0);
    else expect(retryAfter).toBeGreaterThan(50);
  }
});

it('slides: each use makes room again when its own window is over, and a refused one takes none', async () => {
  const stub = fresh();
  await stub.take(2, 60);
  await pass(stub, 40);
  await stub.take(2, 60);
  const refused = await stub.take(2, 60);
  expect(refused.allowed).toBe(false);
  expect(refused.retryAfter).toBeLessThanOrEqual(20);
  await pass(stub, 21);
  expect((await stub.take(2, 60)).allowed).toBe(true);
  expect((await stub.take(2, 60)).allowed).toBe(false);
});

it('shuts nobody out for longer than its window after a clock has jumped ahead and back', async () => {
  const stub = fresh();
  await stub.take(1, 60);
  await pass(stub, -86_400);
  expect(await stub.take(1, 60)).toEqual({ allowed: false, retryAfter: 60 });
  await pass(stub, 60);
  expect((await stub.take(1, 60)).allowed).toBe(true);
});

it('remembers over an eviction, and keeps nothing once the last window is over', async () => {
  const stub = fresh();
  await stub.take(1, 60);
  await evictDurableObject(stub);
  expect((await stub.take(1, 60)).allowed).toBe(false);
  await runDurableObjectAlarm(stub);
  expect((await stub.take(1, 60)).allowed).toBe(false);
  await pass(stub, 61);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  const left = await runInDurableObject(stub, (_, { storage }) =>
    storage.sql.exec(`select name from sqlite_master where name not like '\\_cf%' escape '\\'`).toArray(),
  );
  expect(left).toEqual([]);
  expect((await stub.take(1, 60)).allowed).toBe(true);
});
