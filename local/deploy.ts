// `npm run deploy`: has the set-up looked at (`npm run doctor`), builds the web app, brings the database's tables up to date, deploys
// the Worker, and tries it. `-- secrets` prints fresh secrets for a first deployment; `-- --env=staging` is the other environment,
// `-- --env-file=<file>` reads settings, `-- --url=<address>` says where people open it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWeb } from './build-web.ts';
import { describeFindings, type Environment, examine, faultsIn, type Subject } from './doctor/check.ts';
import { checks } from './doctor/index.ts';
import { settingNames } from './doctor/settings.ts';
import { readSubject } from './doctor/subject.ts';
import { applyMigrations, connectPostgres } from './postgres.ts';
import { command, Refusal } from './refusal.ts';
import { makeSecrets } from './secrets.ts';
import { smoke } from './smoke/index.ts';
import { run } from './testing/run.ts';
import { root } from './worker-process.ts';

await command(async () => {
  const args = process.argv.slice(2);
  if (args[0] === 'secrets') return printSecrets();
  const subject = readSubject(args);
  const databaseUrl = subject.settings.DATABASE_URL;
  if (!databaseUrl) {
    throw new Refusal(
      'DATABASE_URL is not set: it is the address of the PostgreSQL database, and the migrations need it each time.',
    );
  }
  const found = await examine(checks, subject);
  console.log(describeFindings(found));
  if (faultsIn(found) > 0) throw new Refusal('Not deployed, for the faults above.');

  await buildWeb(root);
  await migrate(databaseUrl);
  await deploy(subject);
  if (subject.origin !== undefined) await tryOut(subject.environment, subject.origin);
});

function printSecrets(): void {
  const { DATABASE_PASSWORD: _local, ...secrets } = makeSecrets();
  console.log('# Keep this: changing it later voids every access token.');
  for (const [name, value] of Object.entries(secrets)) console.log(`${name}='${value}'`);
}

/** Before the Worker: the one that runs lives with what is added (expand first, `migration-rules.ts`). */
async function migrate(databaseUrl: string): Promise<void> {
  const { pool, close } = await connectPostgres(databaseUrl);
  try {
    await applyMigrations(pool, join(root, 'migrations'));
    console.log("The database's tables are up to date.");
  } finally {
    await close();
  }
}

/** Tries what is live now; where it fails, the version before comes back. The tables stay: it can live with them. */
async function tryOut(environment: Environment, origin: string): Promise<void> {
  const faults = await smoke(origin, true, console.log);
  if (faults === 0) return;
  const { code } = await run('wrangler', ['rollback', '--env', environment, '--yes']);
  throw new Refusal(
    code === 0
      ? 'The new version does not do its work: the one before is back.'
      : 'The new version does not do its work, and Wrangler brought none back: see “Going back” in ops/deploy.md.',
  );
}

/** The secrets travel in a file that only we can read, not in arguments that any process sees. Those not given stay. */
async function deploy({ environment, settings }: Subject): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-deploy-'));
  const file = join(directory, 'secrets.json');
  try {
    const given = settingNames.filter((name) => settings[name]);
    const secrets = Object.fromEntries(given.map((name) => [name, settings[name]]));
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    const { code } = await run('wrangler', ['deploy', '--env', environment, '--secrets-file', file]);
    if (code !== 0) throw new Refusal('Wrangler could not deploy the Worker; what it said is above.');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
