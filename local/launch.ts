// The whole system on one machine: database, Neon's protocol in front of it, web app, Worker. Started and stopped in order.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb, ensureAssetsDirectory } from './build-web.ts';
import { type Lock, takeLock } from './lock.ts';
import { startNeon } from './neon.ts';
import { requireFreePort } from './ports.ts';
import { applyMigrations, connectPostgres, openPGlite, type Postgres } from './postgres.ts';
import { diskFull, hasSpace, Refusal } from './refusal.ts';
import { loadSecrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { root, startWorker } from './worker-process.ts';

export interface LaunchOptions extends Settings {
  /** Whether the Worker serves a built web app; in development Vite serves it. */
  buildWeb: boolean;
  /** Gives up starting. */
  signal?: AbortSignal;
}

export interface Running {
  url: string;
  /** Settles when the Worker has ended, asked or not. */
  ended: Promise<void>;
  /** Stops everything in order. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts everything, and comes back when `GET /healthz` answers 200.
 *
 * @throws Refusal for a taken port, a data directory in use, a full disk, a database out of reach, a failed build.
 * What had been started by then is stopped.
 */
export async function launch(options: LaunchOptions): Promise<Running> {
  mkdirSync(options.dataDir, { recursive: true });
  const newDatabase = 64 << 20;
  const needed = databaseReserve + (existsSync(join(options.dataDir, 'postgres')) ? 0 : newDatabase);
  if (!hasSpace(options.dataDir, needed)) throw diskFull(options.dataDir);
  const lock = takeLock(options.dataDir);
  const cleanups: (() => Promise<void> | void)[] = [() => lock.release()];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= runInReverse(cleanups));
  try {
    await requireFreePort(options.port, lock.endedWorker ? 2000 : 0);
    return { ...(await startParts(options, lock, cleanups)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: LaunchOptions,
  lock: Lock,
  cleanups: (() => Promise<void> | void)[],
): Promise<Omit<Running, 'stop'>> {
  const { DATABASE_PASSWORD, ...secrets } = loadSecrets(join(options.dataDir, 'secrets.json'));

  // The web app is built, and then the Worker started, while the database opens: Neon's endpoint answers once it has.
  const database = openDatabase(options);
  cleanups.push(async () => (await database.catch(() => undefined))?.close());
  const neon = await startNeon(
    database.then(({ pool }) => pool),
    DATABASE_PASSWORD,
    options.databaseUrl === undefined ? fullDiskOutage(options.dataDir) : undefined,
  );
  cleanups.push(() => neon.close());

  const worker = prepareWeb(options).then(() =>
    startWorker(
      {
        root,
        directory: options.dataDir,
        port: options.port,
        variables: {
          ...options.variables,
          ...secrets,
          DATABASE_URL: neon.databaseUrl,
          NEON_ENDPOINT: neon.endpoint,
        },
      },
      (pid) => lock.noteWorker(pid),
      options.signal,
    ),
  );
  cleanups.push(async () => (await worker.catch(() => undefined))?.stop());

  await Promise.all([database, worker]);
  const url = `http://localhost:${options.port}`;
  await healthy(url, options.signal);
  return { url, ended: (await worker).ended };
}

/**
 * PGlite can't end a query that finds no room for its log (a segment has 16 MiB): it spins for ever. So it gets none
 * while there is too little; rooms keep what they have for it until there is more.
 */
const databaseReserve = 32 << 20;

function fullDiskOutage(dataDir: string): () => string | undefined {
  let said = false;
  return () => {
    const full = !hasSpace(dataDir, databaseReserve);
    const { message } = diskFull(dataDir);
    if (full && !said) console.error(message);
    said = full;
    return full ? message : undefined;
  };
}

async function prepareWeb(options: LaunchOptions): Promise<void> {
  if (options.buildWeb) await buildWeb(root, options.signal);
  else ensureAssetsDirectory(root);
}

async function openDatabase({ dataDir, databaseUrl }: LaunchOptions): Promise<Postgres> {
  const postgres = await (databaseUrl === undefined
    ? openPGlite(join(dataDir, 'postgres'))
    : connectPostgres(databaseUrl).catch((error: Error) => {
        throw new Refusal(
          `The database of DATABASE_URL could not be reached: ${error.message || error.name}.`,
        );
      }));
  try {
    await applyMigrations(postgres.pool, join(root, 'migrations'));
    return postgres;
  } catch (error) {
    await postgres.close();
    throw error;
  }
}

/** Asks until the Worker says that it is well; it says what is wrong with a 503. */
async function healthy(url: string, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + 20_000;
  let answer = 'it did not answer';
  while (Date.now() < deadline && signal?.aborted !== true) {
    try {
      const response = await fetch(`${url}/healthz`);
      if (response.ok) return;
      answer = `it answered ${response.status} ${await response.text()}`;
    } catch (error) {
      answer = error instanceof Error ? error.message : String(error);
    }
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Refusal(`The Worker started but is not well: ${answer}.`);
}

async function runInReverse(cleanups: (() => Promise<void> | void)[]): Promise<void> {
  let cleanup = cleanups.pop();
  while (cleanup !== undefined) {
    await cleanup();
    cleanup = cleanups.pop();
  }
}
