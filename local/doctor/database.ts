import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { connectPostgres, type Postgres } from '../postgres.ts';
import { root } from '../worker-process.ts';
import { type Check, type Finding, fault, unseen, well } from './check.ts';

/** The oldest PostgreSQL that the tests run on. */
const oldest = 15;

/**
 * That the database is there, new enough, and has no migrations but ours in their order. Those that are missing are no fault: a
 * deployment applies them.
 *
 * @param connect how to reach it
 */
export const database = (connect: (url: string) => Promise<Postgres> = connectPostgres): Check => ({
  name: 'Database',
  async run({ settings }) {
    const url = settings.DATABASE_URL;
    if (!url) return [unseen('DATABASE_URL is not here to be looked at.')];
    if (!/^postgres(ql)?:\/\/[^/]+\/.+/.test(url))
      return [
        fault(
          'DATABASE_URL is no address of a database.',
          'It begins with postgresql:// and ends with the database’s name; Neon shows it whole under Connect.',
        ),
      ];
    let postgres: Postgres;
    try {
      postgres = await connect(url);
    } catch (error) {
      return [unreachable(error as NodeJS.ErrnoException)];
    }
    try {
      return await look(postgres.pool);
    } finally {
      await postgres.close();
    }
  },
});

/** By its code alone: messages of drivers quote addresses and names. */
function unreachable({ code = 'no answer' }: NodeJS.ErrnoException): Finding {
  if (code === '3D000')
    return fault(
      'The server of DATABASE_URL has no database of that name (3D000).',
      'Make it (create database …), or mend what DATABASE_URL ends with.',
    );
  const refused = code.startsWith('28');
  return fault(
    `The database of DATABASE_URL ${refused ? 'refuses its user or password' : 'could not be reached'} (${code}).`,
    refused
      ? 'Copy the connection string again from Neon, or reset the role’s password there.'
      : 'Look whether its host and port are right, whether it is awake, and whether it lets this machine in.',
  );
}

async function look(pool: pg.Pool): Promise<Finding[]> {
  const { rows } = await pool.query<{ version: string }>(
    "select current_setting('server_version_num') as version",
  );
  const version = Math.floor(Number(rows[0]?.version) / 10_000);
  if (version < oldest)
    return [fault(`The database is PostgreSQL ${version}.`, `Use PostgreSQL ${oldest} or newer.`)];
  const { rows: rights } = await pool.query<{ may: boolean }>(
    "select has_database_privilege(current_database(), 'CREATE') as may",
  );
  if (rights[0]?.may !== true)
    return [
      fault('The role of DATABASE_URL may make no tables.', 'grant create on database … to that role.'),
    ];
  return [well(`PostgreSQL ${version} answers.`), await migrations(pool, join(root, 'migrations'))];
}

/** Compares what was applied (drizzle keeps a hash of each file, and its time) with what is in `folder`. */
async function migrations(pool: pg.Pool, folder: string): Promise<Finding> {
  const ours = migrationsIn(folder);
  const { rows: there } = await pool.query(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as there",
  );
  const applied = there[0].there
    ? (
        await pool.query<{ hash: string }>(
          'select hash from drizzle.__drizzle_migrations order by created_at',
        )
      ).rows
    : [];
  if (applied.length > ours.length)
    return fault(
      `The database has ${applied.length} migrations and this checkout ${ours.length}: it belongs to a newer version.`,
      'Deploy from a checkout that is at least as new; to go back, see “Going back” in ops/deploy.md.',
    );
  const edited = applied.findIndex(({ hash }, i) => hash !== ours[i]?.hash);
  if (edited >= 0)
    return fault(
      `Migration ${edited + 1} of the database is not ${ours[edited]?.name}.sql as it stands here.`,
      'Deployed migrations are never edited: take the file back from the version that was deployed.',
    );
  const missing = ours.length - applied.length;
  return well(
    missing === 0
      ? 'Its tables are up to date.'
      : `${missing} migrations are to be applied, and a deployment does.`,
  );
}

function migrationsIn(folder: string): { name: string; hash: string }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({
      name: name.slice(0, -4),
      hash: createHash('sha256')
        .update(readFileSync(join(folder, name), 'utf8'))
        .digest('hex'),
    }));
}
