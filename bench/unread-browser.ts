// Unread messages in a real Chromium: the app's own worker of keys, its store, and the frames that a room sends.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';
import { openProfile } from '../e2e/browser.ts';
import { root } from '../local/worker-process.ts';

/** Milliseconds that each of `readers` takes to decrypt and store `messages` unread ones; each in a fresh worker. */
export async function measureUnread(directory: string, messages: number, readers: number): Promise<number[]> {
  const site = join(directory, 'unread');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      target: 'es2023',
      outDir: site,
      emptyOutDir: true,
      rolldownOptions: {
        input: join(root, 'bench/unread-page.ts'),
        output: { entryFileNames: 'page.js' },
      },
    },
  });
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url!, 'http://localhost').pathname);
    const isScript = extname(path) === '.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript
        ? readFileSync(join(site, path))
        : '<!doctype html><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { page, close } = await openProfile();
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { waitUntil: 'load' });
    return await page.evaluate<number[]>(`globalThis.unread(${messages}, ${readers})`);
  } finally {
    await close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
