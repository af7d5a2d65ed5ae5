// The service makes a mistake: its person gets a number, the operator reads by it what happened, and nobody else can.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Page } from 'playwright-core';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../local/worker-process.ts';
import type { LogLine } from '../protocol/logs.ts';
import { S3Bucket } from '../worker/storage/s3.ts';
import { faultsOf } from './axe.ts';
import { hasBrowser, openProfile, type Profile, signUp } from './browser.ts';
import { random, restRoom, restUser } from './rest.ts';
import { freshSystem, type TestSystem } from './system.ts';

const directory = mkdtempSync(join(tmpdir(), 'stream-chat-errors-'));
const key = join(directory, 'log.key');
/** All that Sentry was sent: a server of ours in its place. */
let reported = '';
const sentry = createServer(async (asked, answer) => {
  reported += `${asked.method} ${asked.url} ${JSON.stringify(asked.headers)}\n${await text(asked)}\n`;
  answer.end('{}');
});
let system: TestSystem;
let bucketUrl: string;

beforeAll(async () => {
  const { said } = await run('keys', key);
  const publicKey = /^LOG_PUBLIC_KEY='([\w-]{43})'$/m.exec(said)?.[1];
  expect(publicKey, said).toBeDefined();
  await new Promise<void>((done) => sentry.listen(0, '127.0.0.1', done));
  const SENTRY_DSN = `http://0123456789abcdef@127.0.0.1:${(sentry.address() as AddressInfo).port}/7`;
  // A limit that is none makes every upload fail on the service's side.
  system = await freshSystem({
    web: hasBrowser,
    LOG_PUBLIC_KEY: publicKey,
    QUOTA_FILE: 'nonsense',
    SENTRY_DSN,
  });
  bucketUrl = `${system.url}/cdn-cgi/local/r2/s3/stream-chat-files`;
});
afterAll(async () => {
  await system?.remove();
  sentry.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts `npm run logs` with these arguments, on the system's bucket. */
function start(...args: string[]) {
  return startOn(bucketUrl, ...args);
}

/** The same on another bucket. */
function startOn(S3_ENDPOINT: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'local/run.mjs'), 'logs', ...args], {
    cwd: root,
    env: {
      ...process.env,
      S3_ENDPOINT,
      S3_ACCESS_KEY_ID: 'local',
      S3_SECRET_ACCESS_KEY: 'local-secret',
    },
  });
  const running = { child, said: '', ended: new Promise<number | null>((done) => child.once('close', done)) };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (running.said += chunk));
  return running;
}

async function run(...args: string[]): Promise<{ code: number | null; said: string }> {
  const running = start(...args);
  return { code: await running.ended, said: running.said };
}

/** What the operator reads of the request with this number, once it is in the bucket. */
async function linesOf(number: string): Promise<LogLine[]> {
  let lines: LogLine[] = [];
  const look = async () => {
    // What is due goes to the bucket after a request.
    await (await fetch(`${system.url}/healthz`)).text();
    const { said } = await run(`--key=${key}`, `--request=${number}`, '--json');
    lines = said.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));
    return lines.length;
  };
  await expect.poll(look, { timeout: 90_000, interval: 3_000 }).toBeGreaterThan(0);
  return lines;
}

/** The objects of the log, as storage has them. */
async function stored(): Promise<Buffer> {
  const keys = { S3_ACCESS_KEY_ID: 'local', S3_SECRET_ACCESS_KEY: 'local-secret', S3_REGION: 'auto' };
  const bucket = new S3Bucket(keys, bucketUrl);
  const names = [...(await bucket.sizes('logs/')).keys()];
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(name).toMatch(/^logs\/\d{4}\/\d\d\/\d\d\/\d\d\/[\dTZ-]+$/);
  return Buffer.concat(
    await Promise.all(names.map(async (name) => (await bucket.read(name)) ?? Buffer.of())),
  );
}

it('the operator reads what happened, whoever has storage alone reads nothing', async () => {
  expect(statSync(key).mode & 0o077).toBe(0);
  const ana = await restUser(system.url);
  const chatroomId = await restRoom(ana);
  const file = {
    id: uuidv7(),
    chatroomId,
    fileName: random(100),
    encryptedKey: random(80),
    keys: [],
    objects: [],
  };
  const { status, body } = await ana.call('POST', '/files/upload', file);
  expect(status).toBe(500);
  const number = String(body.instance).slice('urn:uuid:'.length);

  const lines = await linesOf(number);
  const of = { request: number, method: 'POST', route: '/files/upload' };
  expect(lines).toContainEqual(expect.objectContaining({ ...of, event: 'request', status: 500 }));
  const failed = lines.find(({ event }) => event === 'failed');
  expect(failed).toMatchObject({ ...of, level: 'error', problem: 'internal', error: 'Error' });
  expect(failed?.stack?.join()).toContain('quotaLimits');
  const read = await run(`--key=${key}`, '--since=1h');
  expect(read.said).toContain(number);

  const objects = (await stored()).toString('latin1');
  for (const word of [number, '/files/upload', 'quotaLimits', 'request', 'internal'])
    expect(objects).not.toContain(word);
  for (const secret of [ana.id, chatroomId, file.id, file.fileName])
    expect(objects + read.said).not.toContain(secret);
  // Nor does the Worker print what it seals.
  expect(system.output()).not.toContain(number);

  await expect.poll(() => reported, { timeout: 30_000 }).toContain(number.replaceAll('-', ''));
  expect(reported).toMatch(/^POST \/api\/7\/envelope\/ /);
  expect(reported).toContain('"route":"/files/upload"');
  for (const secret of [ana.id, chatroomId, file.id, file.fileName]) expect(reported).not.toContain(secret);

  const other = join(directory, 'other.key');
  expect((await run('keys', other)).code).toBe(0);
  const { said } = await run(`--key=${other}`);
  expect(said).toMatch(/does not open with this key/);
  expect(said).not.toContain('request');
  expect((await run('keys', key)).said).toMatch(/is there already/);

  const nowhere = startOn('http://127.0.0.1:1/bucket', `--key=${key}`);
  expect(await nowhere.ended).toBe(1);
  expect(nowhere.said).toMatch(/storage cannot be reached: look at the S3_… settings; npm run doctor/);
});

it('and follows it as it comes', async () => {
  const following = start(`--key=${key}`, '--since=1m', '--follow');
  const number = (await fetch(`${system.url}/nowhere`)).headers.get('x-request-id') ?? '';
  const look = async () => {
    await (await fetch(`${system.url}/healthz`)).text();
    return following.said;
  };
  await expect.poll(look, { timeout: 90_000, interval: 2_000 }).toContain(`request=${number}`);
  following.child.kill('SIGTERM');
  await following.ended;
});

describe.skipIf(!hasBrowser)('the person whom it happens to', () => {
  let ana: Profile;
  /** The number that she was shown. */
  let told: string;
  afterAll(() => ana?.close());

  /** Judges what is shown by axe-core, and takes its picture where SHOTS says. */
  async function look(page: Page, what: string): Promise<void> {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await faultsOf(page)).toEqual([]);
      const { SHOTS } = process.env;
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${what}-390-${colorScheme}.png` });
    }
  }

  it('is shown a number to pass on', async () => {
    ana = await openProfile({ width: 390, height: 844 });
    const { page } = ana;
    await ana.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(system.url);
    await signUp(page, { name: 'Ana', email: 'ana@example.org', password: 'Ana correct horse' });
    await page.getByTestId('create-room').click();
    await page.getByTestId('room-name').fill('Friday film');
    await page.getByTestId('room-name').press('Enter');
    await page.getByTestId('composer').waitFor();
    const [name, mimeType, buffer] = ['secret-plan.txt', 'text/plain', Buffer.from('a secret plan')];
    await page.getByTestId('file-input').first().setInputFiles({ name, mimeType, buffer });
    await page.getByTestId('fault').waitFor({ timeout: 90_000 });
    await look(page, 'fault');
    const number = (await page.getByTestId('fault-number').textContent()) ?? '';
    await page.getByTestId('fault-copy').click();
    await page.getByTestId('fault-copy').getByText('Copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(number);
    await page.getByTestId('fault-close').click();
    await page.getByTestId('fault').waitFor({ state: 'detached' });
    told = number;
  });

  it('where the app itself breaks, nothing of theirs leaves with the report of it; the operator finds both by their numbers', async () => {
    const { page } = ana;
    await page.getByTestId('composer').fill('a canary sings');
    // Others only say that there is a session.
    const tokens = (await ana.context.cookies())
      .map(({ value }) => value)
      .filter(({ length }) => length > 20);
    expect(tokens.length).toBeGreaterThan(0);
    const canaries = [
      ...[
        'ana@example.org',
        'Ana correct horse',
        'Friday film',
        'secret-plan',
        'a canary',
        'fragment-of-an-invite',
      ],
      ...[new URL(page.url()).pathname.split('/')[2] ?? '', ...tokens],
    ];
    // Caught by nobody, at an address with a secret in it, with all of it in its message.
    const thrown = page.waitForEvent('pageerror');
    await page.evaluate(
      (words) =>
        void setTimeout(() => {
          history.replaceState(null, '', `${location.pathname}#fragment-of-an-invite`);
          throw new RangeError(`${words.join('\n    at ')} ${location.href}`);
        }),
      canaries,
    );
    await thrown;
    await expect.poll(() => reported, { timeout: 30_000 }).toContain('"type":"RangeError"');
    for (const secret of canaries) {
      expect(secret.length).toBeGreaterThan(5);
      expect(reported).not.toContain(secret);
    }
    expect(reported).not.toMatch(/HeadlessChrome|"cookie"/i);
    // The operator's log has it by the same number.
    const [, id = ''] = /"event_id":"(\w{32})"[^\n]*"type":"RangeError"/.exec(reported) ?? [];
    const number = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const lines = await linesOf(number);
    expect(lines).toContainEqual(expect.objectContaining({ event: 'app-failed', error: 'RangeError' }));
    const ofTheService = expect.objectContaining({ event: 'failed', route: '/files/upload' });
    expect(await linesOf(told)).toContainEqual(ofTheService);
  });

  it('a screen that breaks says that it has, and by which number the operator finds where', async () => {
    // Somebody else's: at Ana's what could not be sent is tried again, and fails again.
    const { page, close } = await openProfile({ width: 390, height: 844 });
    await page.goto(system.url);
    await signUp(page, { name: 'Ben', email: 'ben@example.org', password: 'Ben correct horse' });
    await page.getByTestId('create-room').waitFor();
    await page.evaluate(() => {
      Intl.DisplayNames.prototype.of = () => {
        throw new SyntaxError('another canary sings');
      };
    });
    await page.getByRole('button', { name: /ben@example.org/ }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    const broken = page.getByTestId('broken');
    await broken.waitFor({ timeout: 60_000 });
    await look(page, 'broken');
    const number = (await broken.getByTestId('fault-number').textContent()) ?? '';
    expect(await linesOf(number)).toContainEqual(
      expect.objectContaining({ event: 'app-failed', error: 'SyntaxError', route: 'settings' }),
    );
    expect(reported).not.toContain('another canary');
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByTestId('language').waitFor({ timeout: 60_000 });
    await close();
  });
});
