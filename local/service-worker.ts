// A Vite plugin: the hand-written service worker, one file at the stable address /sw.js.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin, type Rolldown } from 'vite';

/**
 * Bundles `entry` by itself into `/sw.js`, with two constants written in:
 * `__SHELL_FILES__` (string[]): the addresses of all that the build made; empty in development.
 * `__SHELL_VERSION__` (string): changes whenever one of them does.
 */
export function serviceWorker(entry: string): Plugin {
  return {
    name: 'stream-chat:service-worker',
    enforce: 'post',
    configureServer(server) {
      server.middlewares.use('/sw.js', (_request, response, next) => {
        bundle(entry, [], 'development').then((code) => {
          response
            .setHeader('content-type', 'text/javascript')
            .setHeader('cache-control', 'no-cache')
            .end(code);
        }, next);
      });
    },
    generateBundle: {
      order: 'post',
      async handler(_options, built) {
        const contents = new Map(Object.entries(built).map(([name, output]) => [name, contentOf(output)]));
        for (const file of publicFiles(this.environment.config.publicDir))
          contents.set(file.name, file.content);
        // Of the encodings that documents name (`ui/pdf-cmaps.ts`) there are many, and none is kept.
        const shell = [...contents].filter(([name]) => !/\.(map|bcmap)$|^_/.test(name)).sort();
        const code = await bundle(
          entry,
          shell.map(([name]) => address(name)),
          versionOf(shell),
        );
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: code });
      },
    },
  };
}

/** Where the Worker's assets serve a file: index.html under its directory's own name. */
function address(file: string): string {
  return `/${file.replaceAll('\\', '/').replace(/(^|\/)index\.html$/, '')}`;
}

function contentOf(output: Rolldown.OutputChunk | Rolldown.OutputAsset): string | Uint8Array {
  return output.type === 'chunk' ? output.code : output.source;
}

function publicFiles(directory: string): { name: string; content: Uint8Array }[] {
  if (!existsSync(directory)) return [];
  const names = globSync('**/*.*', { cwd: directory });
  return names.map((name) => ({ name, content: readFileSync(join(directory, name)) }));
}

function versionOf(files: [name: string, content: string | Uint8Array][]): string {
  const hash = createHash('sha256');
  for (const [name, content] of files) hash.update(`${name}\0`).update(content).update('\0');
  return hash.digest('base64url').slice(0, 16);
}

async function bundle(entry: string, files: string[], version: string): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: 'warn',
    root: join(entry, '..'),
    publicDir: false,
    define: { __SHELL_FILES__: JSON.stringify(files), __SHELL_VERSION__: JSON.stringify(version) },
    build: {
      write: false,
      rolldownOptions: { input: entry, output: { format: 'iife', codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput;
  const chunk = result.output[0];
  return chunk.code;
}
