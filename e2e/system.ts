// One running system for a file of tests, in a directory of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type System, startSystem } from '../local/system.ts';

export interface TestSystem {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Stops it in order and starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Kills everything as a power cut would, and starts it again. */
  crash(): Promise<void>;
  /** From now on Postgres takes what it is asked and says nothing, as on a machine that hangs. */
  freezeDatabase(): void;
  thawDatabase(): void;
  /** What it has printed, over all its lives. */
  output(): string;
  /** Stops it; the data stays until `remove`. */
  stop(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

/** Starts a fresh system; without `web` only the Worker, for headless clients. Limits per address are lifted: all of a test's people share one. */
export async function freshSystem({
  web = true,
  ...variables
}: {
  web?: boolean;
  [variable: string]: string | boolean | undefined;
} = {}): Promise<TestSystem> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stream-chat-e2e-'));
  const env = { LIMIT_PER_ADDRESS: '10000', ...(variables as Record<string, string>) };
  let running: System | undefined = await startSystem({ dataDir, web, env });
  const { url } = running;
  const port = Number(new URL(url).port);
  let printed = '';
  const end = async (how: 'stop' | 'kill') => {
    const system = running;
    running = undefined;
    await system?.[how]();
    printed += system?.output() ?? '';
  };
  const again = async () => {
    running = await startSystem({ dataDir, port, web, env });
  };
  return {
    url,
    port,
    dataDir,
    restart: () => end('stop').then(again),
    crash: () => end('kill').then(again),
    freezeDatabase: () => running?.freezeDatabase(),
    thawDatabase: () => running?.thawDatabase(),
    output: () => printed + (running?.output() ?? ''),
    stop: () => end('stop'),
    async remove() {
      await end('stop');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
