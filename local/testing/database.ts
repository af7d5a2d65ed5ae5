// A database for a test: PGlite in memory, or with TEST_DATABASE_URL a database of its own on that PostgreSQL server.
import { randomUUID } from 'node:crypto';
import { connectPostgres, openPGlite, type Postgres } from '../postgres.ts';

/** Opens an empty database; closing it drops what was made for it. */
export async function openTestDatabase(serverUrl = process.env.TEST_DATABASE_URL): Promise<Postgres> {
  if (!serverUrl) return openPGlite();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = await connectPostgres(serverUrl);
  await server.pool.query(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = await connectPostgres(url.href);
  return {
    pool: database.pool,
    async close() {
      await database.close();
      await server.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.close();
    },
  };
}
