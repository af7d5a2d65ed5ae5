// `npm start` as a person runs it, timed.
import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../local/ports.ts';
import { root } from '../local/worker-process.ts';

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) interrupt(child);
});

/**
 * Runs `npm start` on a free port until it says that it is ready, then stops it.
 *
 * @returns seconds from its start to the ready line.
 * @throws Error with what it printed when it ends instead, or doesn't stop in good order.
 */
export async function npmStart(dataDir: string): Promise<number> {
  const began = performance.now();
  // A group of its own, as a terminal gives it.
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, PORT: String(await freePort()), DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  let output = '';
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const took = await new Promise<number>((ready, failed) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (/^Stream Chat is ready at \S+$/m.test(output)) ready((performance.now() - began) / 1000);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', failed);
    void ended.then(() => failed(new Error(`npm start ended before it was ready:\n${output}`)));
  });
  interrupt(child);
  await ended;
  running.delete(child);
  return took;
}

/** What Ctrl-C does: the whole foreground group hears of it. */
function interrupt(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
}
