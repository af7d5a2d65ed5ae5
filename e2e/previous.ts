// The version before this one, from the repository's history: its server and its engine, run beside ours.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '@inlang/paraglide-js';
import { messages } from '../local/messages.ts';
import { root } from '../local/worker-process.ts';

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/**
 * The revision that PREVIOUS names, or the newest tag `v*` before this commit, or what `ops/previous` names; undefined where the history
 * that is here has none of them (a shallow clone).
 */
export function previousRevision(env: NodeJS.ProcessEnv = process.env): string | undefined {
  try {
    return git('rev-parse', '--verify', `${env.PREVIOUS || newestTag() || named()}^{commit}`);
  } catch {
    return undefined;
  }
}

function newestTag(): string | undefined {
  try {
    return git('describe', '--tags', '--abbrev=0', '--match', 'v*', 'HEAD^');
  } catch {
    return undefined;
  }
}

/** The last line that is no comment. */
const named = (): string | undefined =>
  readFileSync(join(root, 'ops/previous'), 'utf8')
    .split('\n')
    .findLast((line) => line.trim() !== '' && !line.startsWith('#'));

/** How to have it tried, in one line. */
export const howToGetPrevious =
  'Neither a version before this one (a tag v*) nor the commit of ops/previous is in the history that is here, so none is tried beside it: fetch the whole history, or set PREVIOUS to a revision.';

/** Lays `revision` out in a directory of its own, with our packages; returns the directory. */
export async function checkOut(revision: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-previous-'));
  const archive = execFileSync('git', ['archive', '--format=tar', revision], {
    cwd: root,
    maxBuffer: 1 << 30,
  });
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const project = join(directory, 'web/messages/project.inlang');
  if (existsSync(project))
    await compile({ ...messages, project, outdir: join(directory, 'web/src/language/compiled') });
  return directory;
}

/** A process that runs `script` in `directory`, and answers one message at a time. */
export class Remote {
  readonly #child: ChildProcess;
  #last = 0;
  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts it; resolves with its first message. */
  static async start(
    directory: string,
    name: string,
    script: string,
    args: string[],
  ): Promise<[Remote, unknown]> {
    const file = join(directory, `${name}.mts`);
    writeFileSync(file, script);
    const child = fork(file, args, { cwd: directory, execArgv: ['--no-warnings'] });
    const remote = new Remote(child);
    return [remote, await remote.#answer(0)];
  }

  /** Asks for something to be done; throws what went wrong there. */
  ask(request: object): Promise<unknown> {
    const id = ++this.#last;
    this.#child.send({ id, ...request });
    return this.#answer(id);
  }

  #answer(id: number): Promise<unknown> {
    return new Promise((done, failed) => {
      const ended = (code: number | null) => failed(new Error(`it ended (${code})`));
      const read = (message: unknown) => {
        const answer = message as { id: number; error?: string; value?: unknown };
        if (answer.id !== id) return;
        this.#child.off('message', read).off('exit', ended);
        if (answer.error === undefined) done(answer.value);
        else failed(new Error(answer.error));
      };
      this.#child.on('message', read).once('exit', ended);
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((done) => this.#child.once('exit', done));
    this.#child.disconnect();
    await ended;
  }
}

/** What both scripts do with requests. */
const serve = `
const serve = (handle, value) => {
  process.on('message', async ({ id, ...request }) => {
    try { process.send({ id, value: await handle(request) }); }
    catch (error) { process.send({ id, error: String(error?.stack ?? error) }); }
  });
  process.send({ id: 0, value });
};`;

/** Somebody who joins by a link, with the engine of that version: `{say}`, `{hear}`. */
export const person = `
import { register, untilText } from './e2e/headless.ts';
${serve}
const [url, link] = process.argv.slice(2);
const me = await register(url, 'Ben');
const room = await me.join(link);
process.on('disconnect', () => process.exit(0));
serve(async ({ say, hear }) => {
  if (say) await me.room(room).send(say);
  if (hear) await untilText(me, room, hear);
});`;

/** A system of that version, without its web app, over the data that is there. */
export const server = `
import { startSystem } from './local/system.ts';
${serve}
const [dataDir, port] = process.argv.slice(2);
const system = await startSystem({ dataDir, port: Number(port), web: false, env: { LIMIT_PER_ADDRESS: '10000' } });
process.on('disconnect', () => system.stop().finally(() => process.exit(0)));
serve(async () => {}, system.url);`;

export const removeCheckout = (directory: string): void =>
  rmSync(directory, { recursive: true, force: true });
