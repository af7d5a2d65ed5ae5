// The Worker, its objects and bucket in workerd, by Wrangler, as a child process.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endGroup } from './lock.ts';
import { Refusal } from './refusal.ts';

export interface WorkerProcess {
  pid: number;
  /** Settles when the process has ended, for whatever reason. */
  ended: Promise<void>;
  /** Ends it in good order, and outright if that takes longer than 5 s. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  /** The project's directory, which holds wrangler.toml. */
  root: string;
  /** Where objects and the bucket are kept. */
  directory: string;
  port: number;
  /** The Worker's secrets and variables, over those in wrangler.toml. */
  variables: Record<string, string>;
}

const wrangler = createRequire(import.meta.url).resolve('wrangler');
const preload = new URL('end-with-parent.mjs', import.meta.url).href;

/** No telemetry, no update checks, no files outside the data directory, nothing in the way of a request. */
const quiet = {
  CI: '1',
  NO_UPDATE_NOTIFIER: '1',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
};

/**
 * Starts the Worker and waits until it listens.
 *
 * @throws Refusal when it can't be built or started, with what Wrangler said.
 */
export async function startWorker(
  options: WorkerOptions,
  onSpawn: (pid: number) => void,
  signal?: AbortSignal,
): Promise<WorkerProcess> {
  signal?.throwIfAborted();
  const envFile = join(options.directory, 'worker.env');
  writeFileSync(envFile, dotenv(options.variables), { mode: 0o600 });
  const args = [
    ...['dev', '--config', join(options.root, 'wrangler.toml'), '--env-file', envFile],
    ...[
      '--port',
      String(options.port),
      '--inspector-port',
      '0',
      '--persist-to',
      join(options.directory, 'worker'),
    ],
    ...['--log-level', 'error', '--show-interactive-dev-session', 'false'],
  ];
  const child = spawn(process.execPath, ['--no-warnings', '--import', preload, wrangler, ...args], {
    cwd: options.root,
    env: { ...process.env, ...quiet, WRANGLER_REGISTRY_PATH: join(options.directory, 'registry') },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C reaches the launcher alone, which stops things in order.
    detached: true,
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const running: WorkerProcess = {
    pid: child.pid as number,
    ended,
    async stop() {
      const timer = setTimeout(() => endGroup(running.pid), 5000);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(timer);
      endGroup(running.pid);
    },
  };
  if (child.pid !== undefined) onSpawn(child.pid);
  try {
    await listening(child, ended, signal);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

/** Passes on what the Worker prints; until it listens, an error that Wrangler prints is what went wrong. */
function listening(
  child: ChildProcess,
  ended: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((done, failed) => {
    let ready = false;
    let said = '';
    let settle: NodeJS.Timeout | undefined;
    const fail = () => {
      if (!ready) failed(new Refusal(`The Worker could not be started:\n${said.trim()}`));
    };
    child.once('error', (error) => failed(error));
    child.stdout?.on('data', (chunk: Buffer) => (ready ? process.stdout.write(chunk) : (said += chunk)));
    child.stderr?.on('data', (chunk: Buffer) => {
      if (ready) {
        process.stderr.write(chunk);
        return;
      }
      said += chunk;
      // Wrangler prints why it can't build and then waits for somebody to mend it.
      if (said.includes('[ERROR]')) settle ??= setTimeout(fail, 500);
    });
    child.on('message', (message) => {
      if (!String(message).includes('DEV_SERVER_READY')) return;
      clearTimeout(settle);
      ready = true;
      if (said !== '') process.stderr.write(said);
      done();
    });
    void ended.then(fail);
    signal?.addEventListener('abort', fail);
  });
}

function dotenv(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}

/** The project's directory. */
export const root = fileURLToPath(new URL('..', import.meta.url));
