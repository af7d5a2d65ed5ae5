// The Worker as it ships: bundled as for a deployment, in workerd itself, without the development server in front of it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ensureAssetsDirectory } from '../../local/build-web.ts';
import { freePort } from '../../local/ports.ts';
import { root } from '../../local/worker-process.ts';
import type { Server } from './server.ts';

const require = createRequire(import.meta.url);
const quiet = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  NO_UPDATE_NOTIFIER: '1',
};
export const compatibilityDate = '2026-10-01';
const objects = { ROOMS: 'Chatroom', ACCOUNTS: 'Account', LIMITS: 'RateLimit' };

/**
 * Builds the Worker, and runs it in workerd with its objects' SQLite on disk under `directory`.
 *
 * @param variables the Worker's secrets and variables
 * @throws Error with what was said when it can't be built, or ends.
 */
export async function startWorkerd(directory: string, variables: Record<string, string>): Promise<Server> {
  const bundle = join(directory, 'bundle');
  build(bundle);
  const port = await freePort();
  mkdirSync(join(directory, 'objects'), { recursive: true });
  return serve(directory, port, configOf(directory, port, variables));
}

/** Runs workerd by `config`, written into `directory`; resolves when it answers `/healthz` on `port`. */
export async function serve(directory: string, port: number, config: string): Promise<Server> {
  const file = join(directory, 'config.capnp');
  writeFileSync(file, config, { mode: 0o600 });
  const binary: string = require('workerd').default;
  const child = spawn(binary, ['serve', '--experimental', file], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  process.once('exit', () => child.kill('SIGKILL'));
  await healthy(child, port);
  return {
    pid: child.pid as number,
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function build(directory: string): void {
  ensureAssetsDirectory(root);
  const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin/wrangler.js');
  const args = [wrangler, 'deploy', '--dry-run', '--env', '', '--outdir', directory];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...quiet },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the Worker could not be built:\n${stderr}`);
}

function configOf(directory: string, port: number, variables: Record<string, string>): string {
  const text = (value: string) => JSON.stringify(value);
  const bindings = [
    ...Object.entries(variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...Object.entries(objects).map(
      ([name, className]) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`,
    ),
  ];
  const namespaces = Object.values(objects).map(
    (className) =>
      `(className = ${text(className)}, uniqueKey = ${text(`bench-${className}`)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "objects", disk = (path = ${text(join(directory, 'objects'))}, writable = true)),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "bundle/index.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [
    ${bindings.join(',\n    ')}
  ],
  durableObjectNamespaces = [${namespaces.join(', ')}],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}

async function healthy(child: ChildProcess, port: number): Promise<void> {
  let ended = false;
  child.once('exit', () => (ended = true));
  for (let i = 0; i < 600 && !ended; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((again) => setTimeout(again, 50));
  }
  child.kill('SIGKILL');
  throw new Error('workerd did not come up; its last words are above');
}
