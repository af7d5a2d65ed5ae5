// What benchmarks in Chromium share.
import type { Page } from 'playwright-core';
import { build } from 'vite';

/** Builds `entry` into `directory` as `page.js`, with the workers that it starts, as the app itself is built. */
export async function buildPage(root: string, entry: string, directory: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      target: 'es2023',
      outDir: directory,
      emptyOutDir: true,
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'page.js' },
      },
    },
  });
}

/** Tells how much CPU time the page's process has used, over all its threads, in seconds. */
export async function cpuClock(page: Page): Promise<() => Promise<number>> {
  const browser = await page.context().newCDPSession(page);
  await browser.send('Performance.enable');
  return async () => {
    const { metrics } = await browser.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ProcessTime')!.value;
  };
}
