import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigrations, openPGlite, type Postgres } from './postgres.ts';

const migrations = new URL('../migrations', import.meta.url).pathname;

describe('PGlite on disk', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'stream-chat-pglite-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('keeps every commit that was answered when its process is killed', async () => {
    const place = join(directory, 'killed');
    const answered = await insertUntilKilled(place, 50);
    const postgres = await openPGlite(place);
    const { rows } = await postgres.pool.query('SELECT n FROM line ORDER BY n');
    expect(rows.length).toBeGreaterThanOrEqual(answered);
    expect(rows.map(({ n }) => n)).toEqual(rows.map((_, i) => i));
    await postgres.close();
  }, 60_000);

  it('starts afresh where a first initialisation was interrupted', async () => {
    const place = join(directory, 'partial');
    mkdirSync(place);
    writeFileSync(join(place, 'PG_VERSION'), '17\n');
    const postgres = await openPGlite(place);
    expect((await postgres.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await postgres.close();
    expect(existsSync(`${place}.initialised`)).toBe(true);
  }, 60_000);
});

describe('one session behind a pool', () => {
  let postgres: Postgres;

  beforeAll(async () => {
    postgres = await openPGlite();
    await postgres.pool.query('CREATE TABLE line (n int)');
  }, 60_000);
  afterAll(() => postgres.close());

  it('rolls back what a dropped client left open', async () => {
    const client = await postgres.pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO line VALUES (1)');
    client.release(true);
    expect((await postgres.pool.query('SELECT count(*)::int AS n FROM line')).rows).toEqual([{ n: 0 }]);
  });

  it('applies the migrations once', async () => {
    await applyMigrations(postgres.pool, migrations);
    await applyMigrations(postgres.pool, migrations);
    const { rows } = await postgres.pool.query("SELECT to_regclass('users') AS users");
    expect(rows).toEqual([{ users: 'users' }]);
  });
});

/** Inserts 0, 1, 2… in a process of its own and kills it once `count` were answered; how many were, at least. */
async function insertUntilKilled(place: string, count: number): Promise<number> {
  const script = `
    import { openPGlite } from ${JSON.stringify(new URL('postgres.ts', import.meta.url).href)};
    const { pool } = await openPGlite(${JSON.stringify(place)});
    await pool.query('CREATE TABLE line (n int)');
    for (let n = 0; ; n++) {
      await pool.query('INSERT INTO line VALUES ($1)', [n]);
      process.stdout.write('.');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answered = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    answered += chunk.length;
    if (answered >= count) child.kill('SIGKILL');
  });
  await new Promise((ended) => child.once('close', ended));
  expect(answered).toBeGreaterThanOrEqual(count);
  return answered;
}
