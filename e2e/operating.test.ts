// What an operator does with a live system: try it, and compare what it serves with a build of the source.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { filesOf, manifestName } from '../local/build-manifest.ts';
import { buildWeb } from '../local/build-web.ts';
import { root } from '../local/worker-process.ts';
import { freshSystem, type TestSystem } from './system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await freshSystem();
});
afterAll(() => system?.remove());

/** Runs a command of package.json as a person does. */
async function run(task: string, ...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [join(root, 'local/run.mjs'), task, ...args], { cwd: root });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, said };
}

/** The system by way of a server that answers some requests otherwise. */
async function behind(
  change: (path: string, answer: Response) => Promise<Response> | Response,
): Promise<string> {
  const server = createServer(async (asked, answer) => {
    const path = asked.url ?? '';
    const body = asked.method === 'POST' ? await buffer(asked) : undefined;
    const headers = Object.fromEntries(
      Object.entries(asked.headers).filter(
        ([name]) => !/^(host|connection|content-length|accept-encoding)$/.test(name),
      ),
    );
    const got = await fetch(system.url + path, {
      method: asked.method ?? 'GET',
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(body && { body }),
    });
    const changed = await change(path, got);
    const own = Object.fromEntries(
      [...changed.headers].filter(
        ([name]) => !/^(content-encoding|content-length|transfer-encoding)$/.test(name),
      ),
    );
    answer.writeHead(changed.status, own).end(asked.method === 'HEAD' ? undefined : await changed.bytes());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('npm run smoke', () => {
  it('finds a good system working, from its doors to two people who exchange a file', async () => {
    const { code, said } = await run('smoke', system.url, '--talk');
    expect(said).toMatch(/ok {4}two people meet[\s\S]*It works\.\n$/);
    expect(code).toBe(0);
  });

  it('names what does not work', async () => {
    const url = await behind((path, answer) => {
      if (path === '/healthz') return new Response('', { status: 503 });
      const headers = new Headers(answer.headers);
      if (path === '/') headers.delete('content-security-policy');
      return new Response(answer.body, { status: answer.status, headers });
    });
    const { code, said } = await run('smoke', url);
    expect(said).toContain('FAULT Worker and database are well: 503 instead of 200');
    expect(said).toContain(
      'FAULT the app is there, with its policy and all of its files: without content-security-policy',
    );
    expect(said).toMatch(/2 things do not work\.\n$/);
    expect(code).toBe(1);
  });
});

describe('npm run verify', () => {
  it('is content with a site that serves this checkout', async () => {
    expect(await run('verify', system.url)).toEqual({
      code: 0,
      said: `${system.url} serves exactly what this checkout builds.\n`,
    });
  });

  it('names the file in which a server changes one byte, the page that is another for some, and a policy that is weaker', async () => {
    const script = [...filesOf(join(root, 'dist/web')).keys()].find((address) =>
      address.endsWith('.js'),
    ) as string;
    const url = await behind(async (path, answer) => {
      const bytes = await answer.bytes();
      const headers = new Headers(answer.headers);
      if (path === script) bytes[100] = (bytes[100] as number) ^ 1;
      if (path.startsWith('/r/')) bytes[bytes.length - 1] = 32;
      if (path === '/') headers.set('content-security-policy', 'default-src *');
      return new Response(bytes, { status: answer.status, headers });
    });
    const { code, said } = await run('verify', url);
    expect(code).toBe(1);
    expect(said.split('\n').slice(1, -2)).toEqual([
      `  ${script} is not what this checkout builds.`,
      '  The page of a room is not the page of the app.',
      '  The Content-Security-Policy is not the one in web/public/_headers.',
    ]);
  });
});

it('the same source in two directories makes the same bytes', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'a-directory-with-a-longer-name-than-the-other-'));
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
  for (const name of readdirSync(root).filter(
    (each) => !/^(node_modules|dist|\.git|\.local|\.node|\.wrangler)$/.test(each),
  ))
    cpSync(join(root, name), join(elsewhere, name), { recursive: true });
  // Not by a symbolic link: where a package really lies decides about the order of things in a build.
  linkTree(join(root, 'node_modules'), join(elsewhere, 'node_modules'));
  await buildWeb(root);
  await buildWeb(elsewhere);
  const manifest = (directory: string) =>
    JSON.parse(readFileSync(join(directory, 'dist/web', manifestName), 'utf8')).files;
  expect(manifest(elsewhere)).toEqual(manifest(root));
  expect(Object.keys(manifest(root)).length).toBeGreaterThan(10);
});

/** The same tree elsewhere, by hard links where the file system lets it be. */
function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else {
      try {
        linkSync(source, target);
      } catch {
        copyFileSync(source, target);
      }
    }
  }
}
