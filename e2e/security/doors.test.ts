// A running system, by somebody who tries what is not meant to be: policies, headers, addresses, paths and bodies.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesOf } from '../../local/build-manifest.ts';
import { root } from '../../local/worker-process.ts';
import { twoInARoom, untilText } from '../headless.ts';
import { call, random, restUser } from '../rest.ts';
import { freshSystem, type TestSystem } from '../system.ts';

let system: TestSystem;
/** Somebody's server inside the operator's network, who writes down what comes. */
const visits: string[] = [];
const inside = createServer((request, response) => {
  visits.push(`${request.method} ${request.url}`);
  response.end('secret');
});
let port: number;
beforeAll(async () => {
  await new Promise<void>((done) => inside.listen(0, '127.0.0.1', done));
  port = (inside.address() as AddressInfo).port;
  system = await freshSystem();
});
afterAll(async () => {
  inside.close();
  await system?.remove();
});

type Policy = ReadonlyMap<string, readonly string[]>;

const parse = (text: string): Policy =>
  new Map(
    text.split(';').map((part) => {
      const [name = '', ...sources] = part.trim().split(/\s+/);
      return [name, sources];
    }),
  );

/** What is wrong with a policy, as CSP evaluators judge: any way to run, frame, post to or load what isn't ours. */
function weaknesses(policy: Policy): string[] {
  const found: string[] = [];
  const effective = (name: string) => policy.get(name) ?? policy.get('default-src');
  for (const name of ['script-src', 'style-src', 'object-src', 'worker-src', 'connect-src', 'frame-src']) {
    const sources = effective(name);
    if (sources === undefined) found.push(`${name} is open`);
    for (const source of sources ?? []) {
      if (/^'unsafe-(inline|eval|hashes)'$|^\*$|^(https?|data|http):$/.test(source))
        found.push(`${name} ${source}`);
      if (/^(script|worker|object)-src$/.test(name) && !/^'(self|none|wasm-unsafe-eval)'$/.test(source))
        found.push(`${name} ${source}`);
    }
  }
  for (const name of ['base-uri', 'form-action', 'frame-ancestors'])
    if (!policy.get(name)?.every((source) => /^'(none|self)'$/.test(source))) found.push(`${name} is open`);
  return found;
}

describe('the Content Security Policy', () => {
  it.each(['/', '/admin', '/r/x', '/settings', '/docs', '/healthz', '/chatrooms', '/openapi.json'])(
    'of %s has no way around it',
    async (path) => {
      const text = (await fetch(system.url + path)).headers.get('content-security-policy') ?? '';
      expect(weaknesses(parse(text))).toEqual([]);
    },
  );

  it.each([
    [
      "default-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'script-src',
    ],
    [
      "script-src 'self' https://cdn.example; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'script-src https://cdn.example',
    ],
    [
      "default-src 'none'; connect-src *; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'connect-src *',
    ],
    ["default-src 'none'; form-action 'none'; frame-ancestors 'none'", 'base-uri is open'],
    ['', 'script-src is open'],
  ])('would be found weak as %s', (text, weakness) => {
    expect(weaknesses(parse(text)).join('\n')).toContain(weakness);
  });
});

it('whatever answers, a page, a file, a refusal or nothing, carries the headers that keep browsers from mischief', async () => {
  const script = [...filesOf(join(root, 'dist/web')).keys()].find((address) =>
    address.endsWith('.js'),
  ) as string;
  const requests: [string, string][] = [
    ['GET', '/'],
    ['GET', script],
    ['GET', '/sw.js'],
    ['GET', '/r/nothing'],
    ['GET', '/healthz'],
    ['GET', '/chatrooms'],
    ['PUT', '/chatrooms'],
    ['GET', '/files/nothing'],
    ['POST', '/auth/login'],
  ];
  for (const [method, path] of requests) {
    const { headers } = await fetch(system.url + path, { method });
    const said = Object.fromEntries(
      [
        'x-content-type-options',
        'referrer-policy',
        'x-frame-options',
        'cross-origin-opener-policy',
        'cross-origin-resource-policy',
      ].map((name) => [name, headers.get(name)]),
    );
    expect(said, `${method} ${path}`).toEqual({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers.get('strict-transport-security'), path).toMatch(/^max-age=\d{8}/);
    expect(headers.get('access-control-allow-origin'), path).toBeNull();
    expect(headers.get('server') ?? '', path).not.toMatch(/\d/);
  }
});

describe('an address that somebody gives', () => {
  it('as where to be woken is a push service’s, or refused: nothing of the operator’s network is called', async () => {
    const user = await restUser(system.url);
    const places = [
      `http://127.0.0.1:${port}/`,
      `https://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
      `https://2130706433:${port}/`,
      `https://fcm.googleapis.com@127.0.0.1:${port}/`,
      `https://127.0.0.1:${port}/fcm.googleapis.com`,
      `https://127.0.0.1:${port}/#fcm.googleapis.com`,
      `https://fcm.googleapis.com.127.0.0.1.nip.io:${port}/`,
      `https://evilfcm.googleapis.com.example.org/`,
      'https://169.254.169.254/latest/meta-data/',
      'http://fcm.googleapis.com/',
      'file:///etc/passwd',
    ];
    for (const endpoint of places) {
      const { status } = await user.call('POST', '/push', { endpoint });
      expect([400, 422], endpoint).toContain(status);
    }
    expect(visits).toEqual([]);
  });

  it('in a message, a room’s name or a file’s name is looked up by nobody', async () => {
    const { ana, ben, room } = await twoInARoom({ ana: system.url, ben: system.url });
    const link = `http://127.0.0.1:${port}/canary`;
    await ana.room(room).send(`look: ${link}`);
    await untilText(ben, room, `look: ${link}`);
    const other = await ana.createRoom(link);
    await ana.room(other).sendFile(new File([link], `${link}.txt`));
    await Promise.all([ana.close(), ben.close()]);
    expect(visits).toEqual([]);
  });
});

describe('a path', () => {
  /** Sends `path` as it is: clients of HTTP tidy it up first. */
  const raw = (path: string): Promise<string> =>
    new Promise((done, failed) => {
      const { hostname, port: at } = new URL(system.url);
      let text = '';
      const socket = connect(Number(at), hostname, () =>
        socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}:${at}\r\nconnection: close\r\n\r\n`),
      );
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.on('close', () => done(text));
      socket.on('error', failed);
    });

  it('leads nowhere but to what is served', async () => {
    const secrets = readFileSync(join(system.dataDir, 'secrets.json'), 'utf8');
    const { JWT_PRIVATE_JWK } = JSON.parse(secrets) as { JWT_PRIVATE_JWK: string };
    const ups = [
      '../',
      '..%2f',
      '%2e%2e/',
      '%2e%2e%2f',
      '..%5c',
      '..\\',
      '%252e%252e%252f',
      '....//',
      '..;/',
      '..%00/',
    ];
    const targets = ['wrangler.toml', 'package.json', 'etc/passwd', 'secrets.json', '.git/HEAD'];
    const starts = ['/', '/assets/', '/files/', '/chatrooms/', '/docs/'];
    for (const start of starts) {
      for (const up of ups) {
        for (const target of targets) {
          const answer = await raw(start + up.repeat(4) + target);
          expect(answer, start + up).not.toMatch(/compatibility_date|"devDependencies"|root:x:|ref: refs/);
          expect(answer, start + up).not.toContain((JSON.parse(JWT_PRIVATE_JWK) as { d: string }).d);
        }
      }
    }
  });

  it('in the place of an id is refused before anything is looked up', async () => {
    const user = await restUser(system.url);
    for (const id of ['..%2fusers', '%2e%2e%2f%2e%2e', "' or 1=1 --", '%00', 'a'.repeat(5000)])
      for (const path of [
        `/files/${id}`,
        `/chatrooms/${id}`,
        `/users/${id}/bundles`,
        `/auth/sessions/${id}`,
      ]) {
        const { status } = await user.call('GET', path);
        expect(status, path).toBeGreaterThanOrEqual(400);
        expect(status, path).toBeLessThan(500);
      }
  });
});

describe('a body', () => {
  const account = () => ({
    email: `${crypto.randomUUID()}@example.org`,
    password: random(32),
    publicKey: random(33),
    wrappedSecret: random(60),
    transport: 'body',
  });

  it('gives nobody a role, a status, an id or a date that the service gives', async () => {
    for (const extra of [
      { role: 'admin' },
      { status: 'active' },
      { id: crypto.randomUUID() },
      { createdAt: 0 },
      { user: { role: 'admin' } },
    ]) {
      const { status } = await call(system.url, 'POST', '/auth/register', { ...account(), ...extra });
      expect(status, JSON.stringify(extra)).toBe(400);
    }
  });

  it('reaches no prototype', async () => {
    const body = account();
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const text = JSON.stringify({ ...body, email: `${crypto.randomUUID()}@example.org` }).replace(
        /\}$/,
        `,"${name}":{"role":"admin","status":"active"}}`,
      );
      const answer = await fetch(`${system.url}/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      const { accessToken } = (await answer.json()) as { accessToken?: string };
      if (accessToken === undefined) {
        expect(answer.status, name).toBe(400);
        continue;
      }
      const me = await call(system.url, 'GET', '/auth/me', undefined, accessToken);
      expect(JSON.stringify(me.body), name).not.toContain('admin');
    }
    // Nobody else has got anything by it, either.
    const after = await restUser(system.url);
    expect((await after.call('GET', '/admin/reports')).status).toBeGreaterThanOrEqual(403);
  });
});
