// `npm run deploy`: checks that everything needed is there, builds the web app, brings production's tables up to date,
// deploys the Worker. `-- secrets` prints fresh secrets for a first deployment; `-- --env-file=<file>` reads settings.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWeb } from './build-web.ts';
import { applyMigrations, connectPostgres } from './postgres.ts';
import { command, Refusal } from './refusal.ts';
import { makeSecrets } from './secrets.ts';
import { run } from './testing/run.ts';
import { root } from './worker-process.ts';

/** What the Worker must have in production, beside what wrangler.toml says. */
const required = {
  DATABASE_URL: 'the address of the PostgreSQL database (postgresql://…), from Neon',
  JWT_PRIVATE_JWK: 'the key that signs sessions',
  VAPID_PRIVATE_JWK: 'the key that signs wake-ups towards push services',
  FRANKING_KEY: 'the key that rooms stamp messages with, for reports',
  S3_ENDPOINT: "the bucket's S3 address, https://<account>.r2.cloudflarestorage.com/stream-chat-files",
  S3_ACCESS_KEY_ID: 'an access key of the bucket',
  S3_SECRET_ACCESS_KEY: "that access key's secret",
} as const;
type Setting = keyof typeof required;
const names = Object.keys(required) as Setting[];

await command(async () => {
  const [argument] = process.argv.slice(2);
  if (argument === 'secrets') return printSecrets();
  if (argument?.startsWith('--env-file=')) process.loadEnvFile(argument.slice('--env-file='.length));
  else if (argument !== undefined)
    throw new Refusal(`"${argument}" is neither secrets nor --env-file=<file>.`);

  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) throw new Refusal(`DATABASE_URL is not set: it is ${required.DATABASE_URL}.`);
  const given = names.filter((name) => process.env[name]);
  const missing =
    given.length > 1 ? names.filter((name) => !given.includes(name)) : await missingInProduction();
  if (missing.length > 0) {
    const list = missing.map((name) => `  ${name}: ${required[name]}`).join('\n');
    throw new Refusal(`Not deployed, since production would lack:\n${list}\nSet them in the environment.`);
  }

  await buildWeb(root);
  await migrateProduction(databaseUrl);
  await deploy(given);
});

function printSecrets(): void {
  const { DATABASE_PASSWORD: _local, ...secrets } = makeSecrets();
  console.log('# Keep this: changing it later voids every access token.');
  for (const [name, value] of Object.entries(secrets)) console.log(`${name}='${value}'`);
}

/** Secrets once deployed stay: a later deployment needs only what is not there yet. */
async function missingInProduction(): Promise<Setting[]> {
  const { code, said } = await run(
    'wrangler',
    ['secret', 'list', '--env', 'production', '--format', 'json'],
    { output: 'pipe' },
  );
  if (code !== 0) return names.filter((name) => !process.env[name]);
  return names.filter((name) => name !== 'DATABASE_URL' && !said.includes(`"${name}"`));
}

async function migrateProduction(databaseUrl: string): Promise<void> {
  const { pool, close } = await connectPostgres(databaseUrl).catch((error: Error) => {
    throw new Refusal(`The database of DATABASE_URL could not be reached: ${error.message || error.name}.`);
  });
  try {
    await applyMigrations(pool, join(root, 'migrations'));
    console.log("Production's tables are up to date.");
  } finally {
    await close();
  }
}

/** The secrets travel in a file that only we can read, not in arguments that any process sees. */
async function deploy(given: Setting[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-deploy-'));
  const file = join(directory, 'secrets.json');
  try {
    const secrets = Object.fromEntries(given.map((name) => [name, process.env[name]]));
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    const { code } = await run('wrangler', ['deploy', '--env', 'production', '--secrets-file', file]);
    if (code !== 0) throw new Refusal('Wrangler could not deploy the Worker; what it said is above.');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
