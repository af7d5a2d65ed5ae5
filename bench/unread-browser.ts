// Unread messages in a real Chromium: the app's own worker of keys, its store, and the frames that a room sends.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { openProfile } from '../e2e/browser.ts';
import { root } from '../local/worker-process.ts';
import { buildPage, cpuClock } from './page.ts';

/**
 * Milliseconds that each of `readers` takes to decrypt and store `messages` unread ones; each in a fresh worker. What that is in CPU
 * time goes to `say`: it tells how busy the machine was.
 */
export async function measureUnread(
  directory: string,
  messages: number,
  readers: number,
  say: (line: string) => void,
): Promise<number[]> {
  const site = join(directory, 'unread');
  await buildPage(root, join(root, 'bench/unread-page.ts'), site);
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
    const cpuSeconds = await cpuClock(page);
    await page.evaluate(`globalThis.begin(${messages}, ${readers})`);
    const times: number[] = [];
    for (let i = 0; i < readers; i++) {
      const before = await cpuSeconds();
      const took = await page.evaluate<number>('globalThis.read()');
      const cpu = (await cpuSeconds()) - before;
      say(`unread messages: ${took.toFixed(0)} ms, of ${(cpu * 1000).toFixed(0)} ms of CPU time`);
      await page.evaluate('globalThis.check()');
      times.push(took);
    }
    return times;
  } finally {
    await close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
