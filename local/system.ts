// A whole system for tests and benchmarks: what `npm start` runs, in a process of its own that can be stopped or killed.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { endGroup, lockHolder } from './lock.ts';
import { freePort } from './ports.ts';
import { root } from './worker-process.ts';

export interface SystemOptions {
  /** Where it keeps everything; the same directory again finds yesterday's data. */
  dataDir: string;
  /** Where it listens; a free port when missing. */
  port?: number;
  /** Without it the web app isn't built or served: headless clients need only the Worker. */
  web?: boolean;
  /** More environment: DATABASE_URL, and variables of the Worker that settings.ts names. */
  env?: Record<string, string>;
}

export interface System {
  url: string;
  /** From the start of its process to the line that says it is ready, in ms. */
  startMs: number;
  /** All that it has printed. */
  output(): string;
  /** Asks it to stop, as Ctrl-C does, and waits until it has. Throws when its exit code isn't 0. */
  stop(): Promise<void>;
  /** Stops launcher and database where they are, as a machine does that hangs: the Worker goes on, Postgres says nothing. */
  freezeDatabase(): void;
  thawDatabase(): void;
  /** Kills launcher, database and Worker outright, as a power cut would, and waits until they are gone. */
  kill(): Promise<void>;
}

/**
 * Starts a system and comes back when it is ready.
 *
 * @throws Error with what it printed when it ends instead.
 */
export async function startSystem({ dataDir, port, web = true, env }: SystemOptions): Promise<System> {
  const began = performance.now();
  const args = [...typeScriptFlags(), join(root, 'local/start.ts'), ...(web ? [] : ['--no-web'])];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env, PORT: String(port ?? (await freePort())), DATA_DIR: dataDir },
    // The channel ends it with us, should we be killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const url = await new Promise<string>((ready, failed) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const line = /^Stream Chat is ready at (\S+)$/m.exec(output);
      if (line?.[1] !== undefined) ready(line[1]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', failed);
    void ended.then(() => failed(new Error(`The system did not start:\n${output}`)));
  });
  return {
    url,
    startMs: performance.now() - began,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      if (code !== 0) throw new Error(`The system did not stop in good order (${code}):\n${output}`);
    },
    freezeDatabase: () => void child.kill('SIGSTOP'),
    thawDatabase: () => void child.kill('SIGCONT'),
    async kill() {
      const holder = lockHolder(dataDir);
      child.kill('SIGKILL');
      if (holder?.pid === child.pid && holder?.worker !== undefined) endGroup(holder.worker);
      await ended;
    },
  };
}

/** Node runs TypeScript by itself since 22.18. */
function typeScriptFlags(): string[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major === 22 && minor < 18 ? ['--experimental-strip-types', '--no-warnings'] : [];
}
