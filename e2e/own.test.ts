// The whole service on a server of one's own, as ops/own makes it: workerd without Wrangler, plain PostgreSQL (or PGlite) behind Neon's
// protocol, another S3. No container engine is needed: the containers only hold these processes.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { differences } from '../local/build-manifest.ts';
import { buildWeb } from '../local/build-web.ts';
import { startNeon } from '../local/neon.ts';
import { freePort } from '../local/ports.ts';
import { applyMigrations } from '../local/postgres.ts';
import { makeSecrets } from '../local/secrets.ts';
import { smoke } from '../local/smoke/index.ts';
import { openTestDatabase } from '../local/testing/database.ts';
import { root } from '../local/worker-process.ts';
import { bundleWorker, serve, workerdConfig } from '../local/workerd.ts';
import { findVersitygw, howToGetVersitygw, startVersitygw } from './s3-server.ts';

const versitygw = findVersitygw();
if (versitygw === undefined) console.log(howToGetVersitygw);

const directory = mkdtempSync(join(tmpdir(), 'stream-chat-own-'));
const cleanups: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

let url: string;
let cron: string;
let storage: string;
let query: (sql: string) => Promise<{ rows: unknown[] }>;

beforeAll(async () => {
  if (versitygw === undefined) return;
  const database = await openTestDatabase();
  cleanups.push(() => database.close());
  query = (sql) => database.pool.query(sql);
  await applyMigrations(database.pool, join(root, 'migrations'));
  const { DATABASE_PASSWORD, ...secrets } = makeSecrets();
  const neon = await startNeon(database.pool, DATABASE_PASSWORD);
  cleanups.push(() => neon.close());
  const s3 = await startVersitygw(versitygw);
  cleanups.push(() => s3.remove());
  storage = new URL(s3.settings.S3_ENDPOINT).origin;

  await buildWeb(root);
  const web = join(root, 'dist/web');
  bundleWorker(join(directory, 'worker'));
  const objects = join(directory, 'objects');
  mkdirSync(objects);
  const [port, cronPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  cron = `http://127.0.0.1:${cronPort}`;
  const environment = {
    ...secrets,
    ...s3.settings,
    DATABASE_URL: neon.databaseUrl,
    NEON_ENDPOINT: neon.endpoint,
  };
  const config = workerdConfig({
    address: `127.0.0.1:${port}`,
    objects,
    bundle: 'worker/index.js',
    // As in the image: the file has the names, the environment the values.
    variables: Object.fromEntries(
      [...Object.keys(environment), 'TURN_URLS', 'QUOTA_FILE'].map((name) => [name, undefined]),
    ),
    front: {
      script: 'front.js',
      web,
      headers: readFileSync(join(web, '_headers'), 'utf8'),
      cron: `127.0.0.1:${cronPort}`,
    },
  });
  const { copyFileSync } = await import('node:fs');
  copyFileSync(join(root, 'ops/own/front.js'), join(directory, 'front.js'));
  for (const secret of Object.values(secrets)) expect(config).not.toContain(secret);
  const workerd = await serve(directory, port, config, { ...process.env, ...environment });
  cleanups.push(() => workerd.stop());
});

const tried = it.skipIf(versitygw === undefined);

tried('people talk there and exchange files, and every door is as it should be', async () => {
  const said: string[] = [];
  await smoke(url, true, (line) => said.push(line));
  expect(said.filter((line) => !line.startsWith('ok'))).toEqual([]);
  expect(said.some((line) => line.includes('two people meet'))).toBe(true);
});

tried('the web app is the one that this checkout builds, with a policy that names the storage', async () => {
  expect(await differences(join(root, 'dist/web'), url, storage)).toEqual([]);
  expect((await fetch(`${url}/_headers`)).headers.get('content-type')).not.toContain('octet-stream');
  for (const path of ['/assets', '/nothing.js', '/..%2f..%2fconfig.capnp', '/%2e%2e/config.capnp'])
    expect(await (await fetch(url + path)).text()).not.toMatch(/uniqueKey|"name":/);
  expect((await fetch(`${url}/nothing.js`)).status).toBe(404);
});

tried('what has expired is swept when the operator’s clock says so, and by nobody else', async () => {
  await query(
    "insert into messages (chatroom_id, seq, id, sender_id, device, cipher_text, created_at, expires_at) values (gen_random_uuid(), 1, gen_random_uuid(), gen_random_uuid(), 1, 'box', now(), now() - interval '1 minute')",
  );
  const left = async () => (await query('select from messages where expires_at < now()')).rows.length;
  expect(await left()).toBe(1);
  expect((await fetch(cron)).status).toBe(405);
  expect(await left()).toBe(1);
  const answer = await fetch(cron, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([200, 'ok\n']);
  expect(await left()).toBe(0);
});

tried('nobody gets around the limits by claiming another address', async () => {
  const guess = (address: string) =>
    fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'cf-connecting-ip': address,
        'x-forwarded-for': `${address}, 192.0.2.1`,
      },
      body: JSON.stringify({
        email: `${crypto.randomUUID()}@example.org`,
        password: 'A'.repeat(43),
        transport: 'body',
      }),
    });
  const statuses: number[] = [];
  for (let i = 0; i < 40 && !statuses.includes(429); i++)
    statuses.push((await guess(`198.51.100.${i}`)).status);
  expect(statuses).toContain(429);
});
