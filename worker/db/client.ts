import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';
import type { Env } from '../env.ts';

export type Database = NeonHttpDatabase;

/** A database that says nothing for so long counts as away. */
const patience = 10_000;

let known: { url: string; endpoint: string | undefined; database: Database } | undefined;

/** The database over Neon's HTTP protocol: each statement a transaction of its own, `batch` one for several. */
export function openDatabase(env: Pick<Env, 'DATABASE_URL' | 'NEON_ENDPOINT'>): Database {
  if (known?.url === env.DATABASE_URL && known.endpoint === env.NEON_ENDPOINT) return known.database;
  if (env.NEON_ENDPOINT) neonConfig.fetchEndpoint = env.NEON_ENDPOINT;
  neonConfig.fetchFunction = (url: string, init: RequestInit) =>
    fetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(patience) });
  known = {
    url: env.DATABASE_URL,
    endpoint: env.NEON_ENDPOINT,
    database: drizzle({ client: neon(env.DATABASE_URL) }),
  };
  return known.database;
}

/** The error of the database behind `error`, which Drizzle wraps; undefined when it is of another kind. */
export function databaseError(error: unknown): NeonDbError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof NeonDbError) return at;
  return undefined;
}

/**
 * Whether the database couldn't be reached or couldn't serve, so that trying again makes sense: no SQLSTATE at all,
 * or one of the classes 08 (connection), 40 (rollback), 53 (resources) and 57 (operator).
 */
export function databaseAway(error: unknown): boolean {
  const cause = databaseError(error);
  return cause !== undefined && (cause.code === undefined || /^(08|40|53|57)/.test(cause.code));
}
