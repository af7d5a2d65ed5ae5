// Before the workerd tests: an empty, migrated database with Neon's protocol in front of it, an empty bucket,
// and fresh secrets.
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startNeon } from '../neon.ts';
import { applyMigrations, type Postgres } from '../postgres.ts';
import { makeSecrets } from '../secrets.ts';
import { fillDatabase } from './big-database.ts';
import { openTestDatabase } from './database.ts';
import { startStorage } from './storage.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What the Worker under test is given beside `wrangler.toml`. */
    workerBindings: Record<string, string>;
  }
}

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await openTestDatabase();
  await applyMigrations(postgres.pool, migrations);
  const { DATABASE_PASSWORD, ...secrets } = makeSecrets();
  const neon = await startNeon(postgres.pool, DATABASE_PASSWORD);
  const big = bigDatabase();
  const bigNeon = await startNeon(async () => (await big.open()).pool, DATABASE_PASSWORD);
  const storage = await startStorage();
  project.provide('workerBindings', {
    ...secrets,
    DATABASE_URL: neon.databaseUrl,
    BIG_DATABASE: JSON.stringify({ endpoint: bigNeon.endpoint, messages: big.messages }),
    NEON_ENDPOINT: neon.endpoint,
    // A port that nobody listens on: tests call no push service.
    PUSH_HOSTS: '127.0.0.1:1',
    // An SFU that calls are told of, and that nobody here goes to.
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_KEY: 'key',
    LIVEKIT_SECRET: 'a secret of at least thirty-two bytes',
    S3_ENDPOINT: storage.endpoint,
    S3_ACCESS_KEY_ID: storage.accessKeyId,
    S3_SECRET_ACCESS_KEY: storage.secretAccessKey,
  });
  return async () => {
    await storage.close();
    await bigNeon.close();
    await big.close();
    await neon.close();
    await postgres.close();
  };
}

/** A second database, made when it is first asked for: a million messages on a server, fewer in PGlite, which is slow to fill. */
function bigDatabase() {
  const messages = process.env.TEST_DATABASE_URL ? 1_000_000 : 100_000;
  let opening: Promise<Postgres> | undefined;
  const make = async () => {
    const postgres = await openTestDatabase();
    await applyMigrations(postgres.pool, migrations);
    await fillDatabase(postgres.pool, messages);
    return postgres;
  };
  return {
    messages,
    open() {
      opening ??= make();
      return opening;
    },
    close: async () => (await opening)?.close(),
  };
}
