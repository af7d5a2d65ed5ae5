import { readFileSync } from 'node:fs';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import type pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import * as schema from '../worker/db/schema.ts';
import { migrationFaults } from './migration-rules.ts';
import { applyMigrations, type Postgres } from './postgres.ts';
import { openTestDatabase } from './testing/database.ts';

const folder = new URL('../migrations/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const { entries } = JSON.parse(read('meta/_journal.json')) as { entries: { idx: number; tag: string }[] };
const snapshot = (index: number) =>
  JSON.parse(read(`meta/${String(index).padStart(4, '0')}_snapshot.json`)) as Parameters<
    typeof generateMigration
  >[0];

const open: Postgres[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
});
async function newDatabase(): Promise<pg.Pool> {
  const database = await openTestDatabase('');
  open.push(database);
  return database.pool;
}

describe('expand, then contract', () => {
  it.each(entries.map(({ tag }) => tag))('%s leaves the release before it what it uses', (tag) => {
    expect(migrationFaults(read(`${tag}.sql`))).toEqual([]);
  });

  it.each([
    'DROP TABLE "files";',
    'ALTER TABLE "files" DROP COLUMN "sizes";',
    'ALTER TABLE "files" RENAME COLUMN "sizes" TO "lengths";',
    'ALTER TABLE "files" RENAME TO "blobs";',
    'ALTER TABLE "files" ALTER COLUMN "sizes" SET DATA TYPE bigint[];',
    'ALTER TABLE "files" ALTER COLUMN "expiry" SET NOT NULL;',
    'ALTER TABLE "files" ADD COLUMN "hash" text NOT NULL;',
    'ALTER TABLE "files" ADD CONSTRAINT "files_hash" UNIQUE("hash");',
    'CREATE UNIQUE INDEX "files_hash" ON "files" USING btree ("hash");',
    'DELETE FROM "files";',
  ])('refuses %s', (sql) => {
    const added = 'ALTER TABLE "files" ADD COLUMN "note" text;';
    expect(migrationFaults(`${added}--> statement-breakpoint\n${sql}`)).toHaveLength(1);
    expect(migrationFaults(`-- contract: something, unused since 1.2.3\n${sql}`)).toEqual([]);
  });

  it.each([
    'CREATE TABLE "notes" ("id" uuid PRIMARY KEY NOT NULL);--> statement-breakpoint\nALTER TABLE "notes" ADD CONSTRAINT "x" FOREIGN KEY ("id") REFERENCES "users"("id") ON DELETE cascade;',
    'ALTER TABLE "files" ADD COLUMN "hash" text DEFAULT \'\' NOT NULL;',
    'CREATE INDEX "files_x" ON "files" USING btree ("expiry");',
  ])('lets %s', (sql) => {
    expect(migrationFaults(sql)).toEqual([]);
  });
});

describe('the migrations', () => {
  it('bring a database to what `worker/db/schema.ts` says: the same tables, columns, keys and indexes', async () => {
    const now = generateDrizzleJson({ ...schema });
    const last = snapshot(entries.length - 1);
    expect(await generateMigration(last, now), 'Run `npm run migrations`.').toEqual([]);

    const [migrated, made] = [await newDatabase(), await newDatabase()];
    await applyMigrations(migrated, folder.pathname);
    for (const statement of await generateMigration(generateDrizzleJson({}), now))
      await made.query(statement);
    expect(await shapeOf(migrated)).toEqual(await shapeOf(made));
  }, 60_000);

  it('each apply to tables that have rows, and lose none', async () => {
    const pool = await newDatabase();
    for (const { tag } of entries) {
      const before = await countRows(pool);
      for (const statement of read(`${tag}.sql`).split('--> statement-breakpoint'))
        await pool.query(statement);
      expect(await countRows(pool)).toMatchObject(before);
      await fill(pool);
    }
    const counts = Object.values(await countRows(pool));
    expect(Math.min(...counts)).toBeGreaterThan(0);
  }, 60_000);
});

/** Everything about the tables that a statement could depend on, but the order of columns. */
async function shapeOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    select concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, datetime_precision)
      as line from information_schema.columns where table_schema = 'public'
    union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
    union all select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace
    order by line`);
  return rows.map(({ line }) => line);
}

const tablesOf = async (pool: pg.Pool): Promise<string[]> => {
  const query = `select table_name as name from information_schema.tables where table_schema = 'public'`;
  return (await pool.query<{ name: string }>(query)).rows.map(({ name }) => name);
};

async function countRows(pool: pg.Pool): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await tablesOf(pool)) {
    const { rows } = await pool.query<{ count: number }>(`select count(*)::int as count from ${name}`);
    counts[name] = rows[0]!.count;
  }
  return counts;
}

const values: Record<string, string> = {
  uuid: 'gen_random_uuid()',
  text: 'gen_random_uuid()::text',
  integer: '(random() * 1000000)::int',
  smallint: '(random() * 100)::int',
  bigint: '(random() * 1000000)::int',
  jsonb: `'{"id": 1}'`,
  ARRAY: `'{1}'`,
  'timestamp with time zone': 'now()',
};

/** Puts a row into every table, with something in every column; what refers to what is not looked at. */
async function fill(pool: pg.Pool): Promise<void> {
  for (const table of await tablesOf(pool)) {
    const { rows: columns } = await pool.query<{ name: string; type: string; allowed: string | null }>(`
      select column_name as name, data_type as type,
        (select substring(pg_get_constraintdef(oid) from '''([a-z]+)''') from pg_constraint
         where conrelid = '"${table}"'::regclass and contype = 'c'
           and pg_get_constraintdef(oid) like '%(' || column_name || ' =%') as allowed
      from information_schema.columns where table_schema = 'public' and table_name = '${table}'`);
    const names = columns.map(({ name }) => `"${name}"`).join();
    const row = columns.map(({ type, allowed }) => (allowed === null ? values[type] : `'${allowed}'`)).join();
    await pool.query(
      `begin; set local session_replication_role = replica; insert into "${table}" (${names}) values (${row}); commit`,
    );
  }
}
