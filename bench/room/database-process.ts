// The database, in a process of its own as in production: PGlite behind Neon's protocol. `messages` rows stand in it already.
import { join } from 'node:path';
import { startNeon } from '../../local/neon.ts';
import { applyMigrations, openPGlite } from '../../local/postgres.ts';
import { fillDatabase } from '../../local/testing/big-database.ts';
import { root } from '../../local/worker-process.ts';

const [directory = '', password = '', messages = '0'] = process.argv.slice(2);
const { pool } = await openPGlite(directory);
await applyMigrations(pool, join(root, 'migrations'));
if (Number(messages) > 0) await fillDatabase(pool, Number(messages));
const { endpoint, databaseUrl } = await startNeon(pool, password);
process.on('message', async ({ query, params }: { query: string; params: unknown[] }) => {
  const { rows } = await pool.query(query, params);
  process.send?.({ rows });
});
process.once('disconnect', () => process.exit());
process.send?.({ endpoint, databaseUrl });
