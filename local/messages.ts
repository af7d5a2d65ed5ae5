// The sentences of the web app: Paraglide makes a typed function of each, in a directory that isn't committed.
import nodeFs from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from '@inlang/paraglide-js';
import { root } from './worker-process.ts';

/** Another process may be reading the file: one that is as it should be is left alone, another is replaced at once. */
async function replace(path: string, content: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === content) return;
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, content);
  await rename(beside, path);
}

/** How messages are compiled, whoever does it. */
export const messages: Parameters<typeof compile>[0] = {
  project: join(root, 'web/messages/project.inlang'),
  outdir: join(root, 'web/src/language/compiled'),
  // What a person chose is the app's to keep (web/src/language): Paraglide would keep what it found, as if it had been chosen.
  strategy: ['preferredLanguage', 'baseLocale'],
  cleanOutdir: false,
  fs: { ...nodeFs, promises: { ...nodeFs.promises, writeFile: replace as typeof writeFile } },
  emitPrettierIgnore: false,
  emitReadme: false,
};

/** Brings `web/src/language/compiled` to what `web/messages` says. Needs no network. */
export const compileMessages = () => compile(messages);
