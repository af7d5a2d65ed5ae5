// The settings of the commands, from the environment.
import { resolve } from 'node:path';
import { Refusal } from './refusal.ts';
import { root } from './worker-process.ts';

export interface Settings {
  /** Where people open it. */
  port: number;
  /** Where everything that must outlive the process is kept. */
  dataDir: string;
  /** A PostgreSQL to use instead of PGlite. */
  databaseUrl: string | undefined;
  /** What the Worker is given beside its secrets. */
  variables: Record<string, string>;
}

/** Variables of the Worker (worker/env.ts) that the environment may set. */
const workerVariables = [
  ...['LIMIT_PER_ADDRESS', 'LIMIT_PER_SOCKET', 'PUSH_HOSTS'],
  ...['TURN_URLS', 'TURN_SECRET', 'TURN_CLOUDFLARE_KEY', 'TURN_CLOUDFLARE_TOKEN'],
  ...['LIVEKIT_URL', 'LIVEKIT_KEY', 'LIVEKIT_SECRET'],
  ...['METRICS_TOKEN', 'ACCESS_ISSUER', 'ACCESS_AUDIENCE', 'LOG_PUBLIC_KEY', 'LOG_DAYS', 'SENTRY_DSN'],
  ...['QUOTA_FILE', 'QUOTA_ROOM', 'QUOTA_ACCOUNT'],
  ...['S3_ENDPOINT', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY', 'S3_REGION', 'S3_CONDITIONAL'],
];

/** PORT (8787), DATA_DIR (.local) and DATABASE_URL; throws a Refusal where one makes no sense. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const port = Number(env.PORT || 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Refusal(`PORT must be a number from 1 to 65535, not "${env.PORT}".`);
  }
  const databaseUrl = env.DATABASE_URL || undefined;
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new Refusal('DATABASE_URL must begin with postgres:// or postgresql://.');
  }
  const variables = Object.fromEntries(
    workerVariables.flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  return { port, dataDir: resolve(root, env.DATA_DIR || '.local'), databaseUrl, variables };
}
