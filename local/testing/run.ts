// Runs a tool of node_modules.
import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from '../worker-process.ts';

const tools = join(root, 'node_modules/.bin');
const children = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    process.exitCode = 130;
  });
}

export interface RunOptions {
  /** 'pipe' gathers what it prints instead of passing it on. */
  output?: 'inherit' | 'pipe';
  env?: Record<string, string>;
}

/** Runs it and answers its exit code; a signal to us goes on to it. */
export async function run(tool: string, args: string[], options: RunOptions = {}): Promise<Ended> {
  const output = options.output ?? 'inherit';
  const child = spawn(tool, args, {
    cwd: root,
    env: { ...process.env, PATH: [tools, process.env.PATH].join(delimiter), ...options.env },
    stdio: ['ignore', output, output],
    shell: process.platform === 'win32',
  });
  children.add(child);
  let said = '';
  child.stdout?.on('data', (chunk) => (said += chunk));
  child.stderr?.on('data', (chunk) => (said += chunk));
  const code = await new Promise<number>((done, failed) => {
    child.once('error', failed);
    child.once('close', (exit) => done(exit ?? 1));
  });
  children.delete(child);
  return { code, said };
}

export interface Ended {
  code: number;
  /** What it printed, when its output was piped. */
  said: string;
}

/** Runs a check; one line says how it went, and what it printed follows only when it failed. */
export async function runQuietly(name: string, tool: string, args: string[]): Promise<boolean> {
  const began = performance.now();
  const { code, said } = await run(tool, args, { output: 'pipe' });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (code !== 0) console.log(said.trimEnd());
  return code === 0;
}
