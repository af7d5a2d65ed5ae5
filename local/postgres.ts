// The database: PGlite on disk (or in memory), or any PostgreSQL, behind one node-postgres pool.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { PGliteStream } from './pglite-stream.ts';

export interface Postgres {
  pool: pg.Pool;
  /** Waits for queries under way, then flushes and closes the database. */
  close(): Promise<void>;
}

/**
 * Opens PGlite. A commit that was answered survives a killed process: it is in the write-ahead log, handed to the
 * operating system, before the answer leaves.
 *
 * @param directory where it lives, made when missing; undefined keeps it in memory.
 */
export async function openPGlite(directory?: string): Promise<Postgres> {
  const database = directory === undefined ? await PGlite.create() : await openDirectory(directory);
  const pool = new pg.Pool({
    max: 1,
    idleTimeoutMillis: 0,
    user: 'postgres',
    database: 'postgres',
    stream: () => new PGliteStream(database),
  });
  pool.on('error', () => {});
  return {
    pool,
    async close() {
      await pool.end();
      await database.close();
    },
  };
}

/** A first initialisation that was interrupted leaves no mark beside the directory, and starts afresh. */
async function openDirectory(directory: string): Promise<PGlite> {
  const mark = `${directory}.initialised`;
  if (!existsSync(mark)) rmSync(directory, { recursive: true, force: true });
  mkdirSync(dirname(directory), { recursive: true });
  const database = await PGlite.create(directory);
  if (!existsSync(mark)) writeFileSync(mark, '');
  return database;
}

/** Connects to a PostgreSQL server; throws node-postgres' error when it can't be reached. */
export async function connectPostgres(url: string): Promise<Postgres> {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  pool.on('error', () => {});
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { pool, close: () => pool.end() };
}

/** Applies what is missing of the migrations that drizzle-kit wrote into `folder`, each once, in one transaction. */
export async function applyMigrations(pool: pg.Pool, folder: string): Promise<void> {
  await migrate(drizzle(pool), { migrationsFolder: folder });
}
