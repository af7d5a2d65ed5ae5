// Breaks a set-up in one thing after another, and asks that the doctor names it, with what to do, and prints no secret.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { findCoturn, howToGetCoturn, startCoturn } from '../../e2e/coturn.ts';
import { findVersitygw, howToGetVersitygw, type S3Server, startVersitygw } from '../../e2e/s3-server.ts';
import { applyMigrations, openPGlite, type Postgres } from '../postgres.ts';
import { makeSecrets } from '../secrets.ts';
import { root } from '../worker-process.ts';
import { bindings } from './bindings.ts';
import { sfu, turn } from './calls.ts';
import { type Check, describeFindings, examine, type Subject } from './check.ts';
import { database } from './database.ts';
import { frankingKey, logKey, pushKey, secrets, sentry, sessionKey } from './keys.ts';
import { required } from './settings.ts';
import { clock, cors, storage } from './storage.ts';

// Some wait for what does not answer, on machines that are busy with more than this.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const { DATABASE_PASSWORD: _, ...keys } = makeSecrets();
const good: Record<string, string | undefined> = {
  ...keys,
  DATABASE_URL: 'postgresql://worker:hunter2@127.0.0.1:1/chat',
  S3_ENDPOINT: 'https://account.example.org/bucket',
  S3_ACCESS_KEY_ID: 'id',
  S3_SECRET_ACCESS_KEY: 'secret of the bucket',
};

const secretNames = [
  ...['JWT_PRIVATE_JWK', 'VAPID_PRIVATE_JWK', 'FRANKING_KEY', 'S3_SECRET_ACCESS_KEY'],
  ...['TURN_SECRET', 'LIVEKIT_SECRET', 'SENTRY_DSN'],
];

/** What `check` prints about the good set-up with `changes`; fails if a value of a secret is in it. */
async function said(
  check: Check,
  changes: Record<string, string | undefined> = {},
  rest: Partial<Subject> = {},
): Promise<string> {
  const settings = { ...good, ...changes };
  const subject = {
    environment: 'production',
    settings,
    kept: async () => new Set<string>(),
    now: Date.now,
    ...rest,
  };
  const text = describeFindings(await examine([check], subject as Subject));
  for (const name of secretNames) if (settings[name]) expect(text).not.toContain(settings[name]);
  expect(text).not.toContain('hunter2');
  return text;
}

describe('bindings', () => {
  const toml = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-doctor-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'wrangler.toml');
  const broken = (from: string | RegExp, to: string): Check => {
    const text = toml.replace(from, to);
    expect(text).not.toBe(toml);
    writeFileSync(path, text);
    return bindings(path);
  };

  it('of production are whole, as they stand in the repository', async () => {
    expect(await said(bindings())).toMatch(/^ok {4}Bindings: \d+ bindings/);
  });

  it.each<[string, string | RegExp, string, RegExp]>([
    [
      'an object',
      /\[\[env\.production\.durable_objects\.bindings\]\]\nname = "LIMITS"[^[]+/,
      '',
      /^FAULT Bindings: The binding LIMITS is missing from \[env\.production\]\.\n +Add it as \[\[env\.production\.durable_objects\.bindings\]\]/,
    ],
    ['the bucket', /\[\[env\.production\.r2_buckets\]\][^[]+/, '', /The binding FILES is missing/],
    [
      'the migration of an object',
      'new_sqlite_classes = ["Account"]',
      'new_sqlite_classes = []',
      /No migration makes the object class Account\.\n +Add a \[\[migrations\]\]/,
    ],
    [
      'a secret in a readable place',
      '[env.production.vars]',
      '[env.production.vars]\nFRANKING_KEY = "x"',
      /FRANKING_KEY stands in wrangler\.toml, where everybody reads it\.\n.*wrangler secret put FRANKING_KEY/,
    ],
    ['the web app', 'binding = "ASSETS"', '', /The web app is not bound as ASSETS/],
    ['the cron', 'crons = ["*/5 * * * *"]', 'crons = []', /No cron is set/],
    ['the environment', /env\.production/g, 'env.elsewhere', /wrangler\.toml has no environment production/],
    ['the file', '[assets]', '[assets', /wrangler\.toml cannot be read/],
  ])('without %s', async (_name, from, to, sentence) => {
    expect(await said(broken(from, to))).toMatch(sentence);
  });
});

describe('secrets', () => {
  it('are well when all are there, or kept by the Worker', async () => {
    expect(await said(secrets)).toBe('ok    Secrets: All that is needed is set.');
    const kept = async () => new Set(['FRANKING_KEY']);
    expect(await said(secrets, { FRANKING_KEY: undefined }, { kept })).toMatch(
      /1 are kept by the deployed Worker/,
    );
  });

  it.each(Object.keys(required))('%s is missed', async (name) => {
    expect(await said(secrets, { [name]: undefined })).toMatch(
      new RegExp(`^FAULT Secrets: ${name} is not set: it is .+\\.\\n {8}\\S`),
    );
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['coturn', { TURN_URLS: 'turn:x' }, /by coturn is set up by half: TURN_SECRET missing/],
    [
      'Cloudflare’s relay',
      { TURN_CLOUDFLARE_TOKEN: 'x' },
      /by Cloudflare is set up by half: TURN_CLOUDFLARE_KEY missing/,
    ],
    [
      'the SFU',
      { LIVEKIT_URL: 'wss://x', LIVEKIT_KEY: 'x' },
      /SFU for large calls is set up by half: LIVEKIT_SECRET missing/,
    ],
    [
      'Cloudflare Access',
      { ACCESS_ISSUER: 'https://team.cloudflareaccess.com' },
      /FAULT Secrets: Cloudflare Access, which lets nobody moderate until it is whole, is set up by half: ACCESS_AUDIENCE missing/,
    ],
  ])('%s by half', async (_name, changes, sentence) => {
    expect(await said(secrets, changes)).toMatch(sentence);
  });
});

describe('keys', () => {
  it('are well as they are made', async () => {
    for (const check of [sessionKey, pushKey, frankingKey]) expect(await said(check)).toMatch(/^ok/);
    expect(
      await said(sessionKey, {
        JWT_PRIVATE_JWK: `[${makeSecrets().JWT_PRIVATE_JWK},${keys.JWT_PRIVATE_JWK}]`,
      }),
    ).toMatch(/The first of 2 keys signs/);
  });

  const other = makeSecrets();
  const mixed = (name: 'JWT_PRIVATE_JWK' | 'VAPID_PRIVATE_JWK') =>
    JSON.stringify({ ...JSON.parse(keys[name]), d: JSON.parse(other[name]).d });
  it.each<[string, Check, Record<string, string>, RegExp]>([
    ['no JSON', sessionKey, { JWT_PRIVATE_JWK: 'x' }, /^FAULT Session key: JWT_PRIVATE_JWK is no Ed25519/],
    ['the push key in its place', sessionKey, { JWT_PRIVATE_JWK: keys.VAPID_PRIVATE_JWK }, /is no Ed25519/],
    [
      'two halves of different keys',
      sessionKey,
      { JWT_PRIVATE_JWK: mixed('JWT_PRIVATE_JWK') },
      /is no Ed25519/,
    ],
    [
      'the same kid twice',
      sessionKey,
      { JWT_PRIVATE_JWK: `[${keys.JWT_PRIVATE_JWK},${keys.JWT_PRIVATE_JWK}]` },
      /have the same kid/,
    ],
    [
      'the session key in its place',
      pushKey,
      { VAPID_PRIVATE_JWK: keys.JWT_PRIVATE_JWK },
      /^FAULT VAPID: VAPID_PRIVATE_JWK is no P-256/,
    ],
    [
      'two halves of different keys',
      pushKey,
      { VAPID_PRIVATE_JWK: mixed('VAPID_PRIVATE_JWK') },
      /is no P-256/,
    ],
    ['a subject that is no address', pushKey, { VAPID_SUBJECT: 'me' }, /VAPID_SUBJECT is neither mailto:/],
    ['a short one', frankingKey, { FRANKING_KEY: 'c2hvcnQ' }, /^FAULT Franking key: .*not 32 bytes/],
    [
      'a short one',
      logKey,
      { LOG_PUBLIC_KEY: 'c2hvcnQ' },
      /^FAULT Log key: .*no X25519.*\n +Make a pair by npm run/,
    ],
    ['one of small order', logKey, { LOG_PUBLIC_KEY: 'A'.repeat(43) }, /^FAULT Log key: .*no X25519/],
    [
      'no DSN',
      sentry,
      { SENTRY_DSN: 'http://sentry.example.org/1' },
      /^FAULT Sentry: .*no address of a project/,
    ],
    ['days that are none', logKey, { LOG_DAYS: 'x' }, /^FAULT Log key: LOG_DAYS is no number/],
  ])('%s', async (_name, check, changes, sentence) => {
    expect(await said(check, changes)).toMatch(sentence);
  });
});

describe('the database', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await openPGlite();
  });
  afterAll(() => postgres.close());
  const check = database(async () => ({ ...postgres, close: async () => {} }));

  it('is well when it is empty, and when its tables are ours; not when somebody edited them, or is ahead', async () => {
    expect(await said(check)).toMatch(
      /PostgreSQL \d+ answers\.\nok {4}Database: \d+ migrations are to be applied/,
    );
    await applyMigrations(postgres.pool, join(root, 'migrations'));
    expect(await said(check)).toMatch(/Its tables are up to date/);
    await postgres.pool.query(
      "insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 9e15)",
    );
    expect(await said(check)).toMatch(
      /FAULT Database: The database has \d+ migrations and this checkout \d+: it belongs to a newer version/,
    );
    await postgres.pool.query("delete from drizzle.__drizzle_migrations where hash = 'x'");
    await postgres.pool.query("update drizzle.__drizzle_migrations set hash = 'x' where id = 2");
    expect(await said(check)).toMatch(/Migration 2 of the database is not 0001_indexes\.sql/);
  });

  it('is out of reach, refuses, or has no address', async () => {
    expect(await said(database())).toMatch(
      /^FAULT Database: The database of DATABASE_URL could not be reached \(ECONNREFUSED\)\.\n +Look/,
    );
    const refusing = database(() => Promise.reject(Object.assign(new Error('hunter2'), { code: '28P01' })));
    expect(await said(refusing)).toMatch(
      /refuses its user or password \(28P01\)\.\n +Copy the connection string/,
    );
    const nameless = database(() => Promise.reject(Object.assign(new Error('hunter2'), { code: '3D000' })));
    expect(await said(nameless)).toMatch(/has no database of that name \(3D000\)\.\n +Make it/);
    expect(await said(database(), { DATABASE_URL: 'mysql://x/y' })).toMatch(/is no address of a database/);
  });
});

const versitygw = findVersitygw();
if (versitygw === undefined) console.log(howToGetVersitygw);

describe.skipIf(versitygw === undefined)('storage', () => {
  const origin = 'https://chat.example.net';
  let server: S3Server;
  beforeAll(async () => {
    server = await startVersitygw(versitygw as string, origin);
  });
  afterAll(() => server?.remove());

  it('is well', async () => {
    expect(await said(storage, server.settings)).toMatch(/^ok {4}Storage: A probe object was put/);
    expect(await said(cors, server.settings, { origin })).toBe(
      `ok    CORS: Pages of ${origin} may put and get.`,
    );
    expect(await said(clock, server.settings)).toMatch(/^ok {4}Clock/);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'another secret',
      { S3_SECRET_ACCESS_KEY: 'not the secret' },
      /refuses a pre-signed PUT \(403 SignatureDoesNotMatch\)\.\n +S3_SECRET_ACCESS_KEY or S3_REGION/,
    ],
    [
      'another access key',
      { S3_ACCESS_KEY_ID: 'nobody' },
      /refuses a pre-signed PUT .*\n +S3_ACCESS_KEY_ID is not known/,
    ],
    ['an address of nobody', { S3_ENDPOINT: 'http://127.0.0.1:1/bucket' }, /Storage does not answer/],
    [
      'an address without TLS',
      { S3_ENDPOINT: 'http://s3.example.org/bucket' },
      /S3_ENDPOINT is no address of a bucket/,
    ],
    ['a slash too many', { S3_ENDPOINT: 'https://s3.example.org/bucket/' }, /without a slash at its end/],
  ])('%s', async (_name, changes, sentence) => {
    expect(await said(storage, { ...server.settings, ...changes })).toMatch(sentence);
  });

  it('that is away is one fault, and no mystery to what also needs it', async () => {
    const gone = { ...server.settings, S3_ENDPOINT: 'http://127.0.0.1:1/bucket' };
    for (const check of [cors, clock])
      expect(await said(check, gone, { origin })).toMatch(/^ {2}- .*: Storage does not answer, so this/);
  });

  it('another bucket', async () => {
    const S3_ENDPOINT = `${server.settings.S3_ENDPOINT}-2`;
    expect(await said(storage, { ...server.settings, S3_ENDPOINT })).toMatch(
      /404 NoSuchBucket.*\n +The bucket that S3_ENDPOINT ends with/,
    );
  });

  it('a clock that is wrong', async () => {
    const ahead = { now: () => Date.now() + 400_000 };
    expect(await said(clock, server.settings, ahead)).toMatch(
      /^FAULT Clock: This machine’s clock is (399|4\d\d) s ahead of storage’s\.\n +Have it set/,
    );
  });

  it('rules that let other pages in, and not ours', async () => {
    const other = { origin: 'https://other.example.net' };
    expect(await said(cors, server.settings, other)).toMatch(
      /^FAULT CORS: The bucket takes no PUT from pages of https:\/\/other\.example\.net.*\n +Put https:\/\/other/,
    );
    expect(await said(cors, server.settings)).toMatch(/Say which address people open/);
  });

  it.each<[string, (method: string, signed: boolean, count: number) => number | undefined, RegExp]>([
    [
      'lets objects be replaced',
      (method, _signed, count) => (method === 'PUT' && count > 1 ? 200 : undefined),
      /lets an object be put in place of another \(it answered 200/,
    ],
    [
      'keeps what was put to itself',
      (method, signed) => (method === 'GET' && signed ? 403 : undefined),
      /does not give back what was put there/,
    ],
    [
      'shows everybody',
      (method, signed) => (method === 'GET' && !signed ? 200 : undefined),
      /The bucket shows its objects to everybody/,
    ],
    [
      'lets nothing be deleted',
      (method) => (method === 'DELETE' ? 403 : undefined),
      /The access key cannot delete/,
    ],
    [
      'lets nothing be written',
      (method) => (method === 'PUT' ? 403 : undefined),
      /refuses a pre-signed PUT.*\n +Give the access key the right to write/,
    ],
  ])('that %s', async (_name, answers, sentence) => {
    const S3_ENDPOINT = await inFrontOf(server.settings.S3_ENDPOINT, answers);
    expect(await said(storage, { ...server.settings, S3_ENDPOINT })).toMatch(sentence);
  });
});

/** A way to a bucket on which some requests are answered by `answers`, with a status of its own. */
async function inFrontOf(
  bucket: string,
  answers: (method: string, signed: boolean, count: number) => number | undefined,
): Promise<string> {
  const { hostname, port, pathname } = new URL(bucket);
  const counts = new Map<string, number>();
  const address = await listen(
    createServer((asked, answer) => {
      const { method = '', headers, url = '' } = asked;
      counts.set(method, (counts.get(method) ?? 0) + 1);
      const status = answers(method, url.includes('X-Amz-Signature'), counts.get(method) ?? 0);
      if (status !== undefined) {
        asked.resume();
        answer.writeHead(status).end();
        return;
      }
      // Host stays: it is signed.
      asked.pipe(
        request({ hostname, port, method, headers, path: url }, (got) => {
          answer.writeHead(got.statusCode ?? 500, got.headers);
          got.pipe(answer);
        }),
      );
    }),
  );
  return address + pathname;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const coturn = findCoturn();
if (coturn === undefined) console.log(howToGetCoturn);

describe('a relay', () => {
  it.skipIf(coturn === undefined)('is well, or refuses another secret, or is gone', async () => {
    const relay = await startCoturn(coturn as string, 'the relay’s secret');
    onTestFinished(() => relay.remove());
    const tcp = relay.url.replace('udp', 'tcp');
    const own = { TURN_URLS: `${relay.url} ${tcp}`, TURN_SECRET: 'the relay’s secret' };
    expect(await said(turn, own)).toBe(
      `ok    TURN: ${relay.url} gives a relay.\nok    TURN: ${tcp} gives a relay.`,
    );
    const other = await said(turn, { ...own, TURN_SECRET: 'some other secret' });
    expect(other).toMatch(
      /^FAULT TURN: turn:\S+ refuses our credentials\.\n +TURN_SECRET must be what coturn has/,
    );
    expect(await said(turn, own, { now: () => Date.now() - 3_600_000 })).toMatch(/refuses our credentials/);
    await relay.kill();
    expect(await said(turn, own)).toMatch(/^FAULT TURN: turn:\S+ does not answer\.\n +Start coturn/);
  });

  it('may be missing, which is said', async () => {
    expect(await said(turn)).toMatch(/^ {2}- {3}TURN: No relay is set/);
  });
});

describe('an SFU', () => {
  it('is well, or refuses another secret, or is gone', async () => {
    const secret = new TextEncoder().encode('the secret of LiveKit');
    // What LiveKit's own server does with this request, no more.
    const server = createServer(async ({ headers, url }, answer) => {
      const token = headers.authorization?.slice('Bearer '.length) ?? '';
      const known = await jwtVerify(token, secret, { issuer: 'key' }).catch(() => undefined);
      const grant = known?.payload.video as { roomList?: boolean } | undefined;
      answer
        .writeHead(url !== '/twirp/livekit.RoomService/ListRooms' ? 404 : grant?.roomList ? 200 : 401)
        .end('{}');
    });
    const address = (await listen(server)).replace('http', 'ws');
    const own = { LIVEKIT_URL: address, LIVEKIT_KEY: 'key', LIVEKIT_SECRET: 'the secret of LiveKit' };
    expect(await said(sfu, own)).toBe('ok    SFU: LiveKit answers, and knows our key.');
    expect(await said(sfu, { ...own, LIVEKIT_SECRET: 'another secret' })).toMatch(
      /^FAULT SFU: LiveKit refuses/,
    );
    expect(await said(sfu, { ...own, LIVEKIT_URL: 'ws://127.0.0.1:1' })).toMatch(
      /does not answer at LIVEKIT_URL/,
    );
    expect(await said(sfu, { ...own, LIVEKIT_URL: 'ws://sfu.example.org' })).toMatch(
      /is no wss:\/\/ address/,
    );
  });
});
