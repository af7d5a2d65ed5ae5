// For servers of one's own (ops/own). `own build` puts what workerd runs into dist/own; `own database` speaks Neon's protocol in front
// of the PostgreSQL of DATABASE_URL, whose tables it brings up to date first.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from './build-web.ts';
import { settingNames } from './doctor/settings.ts';
import { startNeon } from './neon.ts';
import { applyMigrations, connectPostgres } from './postgres.ts';
import { command, Refusal } from './refusal.ts';
import { root } from './worker-process.ts';
import { bundleWorker, workerdConfig } from './workerd.ts';

/** What the Worker takes from its environment there: every setting, and what wrangler.toml has for Cloudflare. */
const variables = [
  ...settingNames,
  ...['NEON_ENDPOINT', 'S3_REGION', 'S3_CONDITIONAL', 'QUOTA_FILE', 'QUOTA_ROOM', 'QUOTA_ACCOUNT'],
];

await command(async () => {
  const [what, ...more] = process.argv.slice(2);
  if (what === 'build' && more.length === 0) return build(join(root, 'dist/own'));
  if (what === 'database' && more.length === 0) return database();
  throw new Refusal('Say what: own build, or own database.');
});

async function build(directory: string): Promise<void> {
  await buildWeb(root);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  bundleWorker(join(directory, 'worker'));
  const web = join(root, 'dist/web');
  cpSync(web, join(directory, 'web'), { recursive: true });
  copyFileSync(join(root, 'ops/own/front.js'), join(directory, 'front.js'));
  const config = workerdConfig({
    address: '*:8080',
    objects: '/data',
    bundle: 'worker/index.js',
    variables: Object.fromEntries(variables.map((name) => [name, undefined])),
    front: {
      script: 'front.js',
      web: '/app/web',
      headers: readFileSync(join(web, '_headers'), 'utf8'),
      cron: '*:8081',
    },
  });
  writeFileSync(join(directory, 'config.capnp'), config);
}

async function database(): Promise<void> {
  const { DATABASE_URL: url, NEON_PASSWORD: password } = process.env;
  if (!url || !password)
    throw new Refusal('Set DATABASE_URL, and NEON_PASSWORD, which the Worker must know.');
  const { pool, close } = await connectPostgres(url).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(`The database of DATABASE_URL could not be reached (${error.code ?? error.name}).`);
  });
  await applyMigrations(pool, join(root, 'migrations'));
  const port = Number(process.env.PORT || 5480);
  const host = process.env.HOST || '0.0.0.0';
  const neon = await startNeon(pool, password, undefined, { host, port });
  console.log(`Neon’s protocol is spoken at ${host}:${port}.`);
  await new Promise<void>((asked) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => asked());
  });
  await neon.close();
  await close();
}
