// Builds the web app into dist/web, once for each state of its sources.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeBuildManifest } from './build-manifest.ts';
import { Refusal } from './refusal.ts';

const sources = [
  ...['web/**/*', 'protocol/**/*', 'crypto/**/*', 'vite.config.ts', 'package-lock.json'],
  ...['local/service-worker.ts', 'local/build-manifest.ts', 'local/build-web.ts', 'local/messages.ts'],
  'local/trusted-templates.ts',
];

/**
 * Brings `dist/web`, with a manifest of its hashes, to what the sources say. The new build takes the old one's place in one step, so an interrupted
 * one leaves the old.
 *
 * @throws Refusal with the compiler's words when the sources don't build.
 */
export async function buildWeb(root: string, signal?: AbortSignal): Promise<void> {
  if (!existsSync(join(root, 'web/index.html'))) {
    throw new Refusal('web/index.html is missing, so there is no web app to build.');
  }
  const output = join(root, 'dist/web');
  const stamp = join(root, 'dist/web.stamp');
  const wanted = hashSources(root);
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const fresh = join(root, `dist/web-${process.pid}`);
  const old = join(root, `dist/old-${process.pid}`);
  try {
    await runVite(root, fresh, signal);
    writeBuildManifest(fresh);
    rmSync(stamp, { force: true });
    if (existsSync(output)) renameSync(output, old);
    renameSync(fresh, output);
    writeFileSync(stamp, wanted);
  } finally {
    for (const directory of [fresh, old]) rmSync(directory, { recursive: true, force: true });
  }
}

/** Makes dist/web exist: Wrangler wants it even where Vite itself serves the web app. */
export function ensureAssetsDirectory(root: string): void {
  mkdirSync(join(root, 'dist/web'), { recursive: true });
}

function hashSources(root: string): string {
  const hash = createHash('sha256').update(process.version);
  const files = sources.flatMap((pattern) => globSync(pattern, { cwd: root, withFileTypes: true }));
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.filter((each) => !/\.test\.tsx?$|\.md$|language.compiled/.test(each))) {
    hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

async function runVite(root: string, output: string, signal: AbortSignal | undefined): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  const child = spawn(
    process.execPath,
    [vite, 'build', '--outDir', output, '--emptyOutDir', '--logLevel', 'warn'],
    {
      cwd: root,
      // Whoever asks for it (a test runner, say), and wherever: the same bytes.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    },
  );
  const ended = new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Refusal(`The web app could not be built:\n${withoutStack(err + out)}`);
}

function withoutStack(said: string): string {
  const lines = said.split('\n').filter((line) => !/^ {4}at |^\{? *errors: \[|^\}$/.test(line));
  return lines.join('\n').trim();
}
