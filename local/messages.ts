// The sentences of the web app: Paraglide makes a typed function of each, in a directory that isn't committed.
import { join } from 'node:path';
import { compile } from '@inlang/paraglide-js';
import { root } from './worker-process.ts';

/** How messages are compiled, whoever does it. */
export const messages: Parameters<typeof compile>[0] = {
  project: join(root, 'web/messages/project.inlang'),
  outdir: join(root, 'web/src/language/compiled'),
  // What a person chose is the app's to keep (web/src/language): Paraglide would keep what it found, as if it had been chosen.
  strategy: ['preferredLanguage', 'baseLocale'],
  // Whoever runs beside us may be reading them.
  cleanOutdir: false,
  emitPrettierIgnore: false,
  emitReadme: false,
};

/** Brings `web/src/language/compiled` to what `web/messages` says. Needs no network. */
export const compileMessages = () => compile(messages);
