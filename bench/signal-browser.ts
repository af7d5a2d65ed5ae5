// Our protocol in a real Chromium, with its WebCrypto and without.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';
import { openProfile } from '../e2e/browser.ts';
import { root } from '../local/worker-process.ts';
import { cpuClock } from './page.ts';
import { metrics, type Rates } from './signal-rates.ts';

const duration = 0.7;

/** One minified module with all that `source` imports. */
async function bundle(directory: string, name: string, source: string): Promise<string> {
  const entry = join(directory, name);
  const virtual = 'virtual:entry';
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === virtual ? join(root, 'bench', name) : undefined),
        load: (id) => (id === join(root, 'bench', name) ? source : undefined),
      },
    ],
    build: {
      target: 'es2023',
      outDir: entry,
      emptyOutDir: true,
      rolldownOptions: {
        input: virtual,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'out.js', codeSplitting: false },
      },
    },
  });
  return readFileSync(join(entry, 'out.js'), 'utf8');
}

/** The size of everything that `crypto/` exports, minified and compressed with brotli, in kB. */
export async function cryptoSize(directory: string): Promise<number> {
  const parts = ['signal', 'account', 'room', 'file', 'call'];
  const source = parts.map((part) => `export * as ${part} from '../crypto/${part}/index.ts';`).join('\n');
  return brotliCompressSync(await bundle(directory, 'size.js', source)).length / 1000;
}

/** A page on this machine that measures our protocol. */
export interface BrowserBench {
  /**
   * In operations for each second of CPU time, which the page's process tells; `webCrypto: false` hides WebCrypto from the
   * page.
   */
  run(options: { webCrypto: boolean }): Promise<Rates>;
  close(): Promise<void>;
}

export async function openBrowserBench(directory: string): Promise<BrowserBench> {
  const source = `import { measure, ours } from './signal-rates.ts';
    globalThis.rate = (metric) => measure(ours, metric, ${duration}, () => performance.now() / 1000);`;
  const script = await bundle(directory, 'page.js', source);
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    async run({ webCrypto }) {
      const { page, close } = await openProfile();
      try {
        if (!webCrypto)
          await page.addInitScript(
            "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });",
          );
        page.setDefaultTimeout(120_000);
        await page.goto(url, { waitUntil: 'load' });
        const cpuSeconds = await cpuClock(page);
        const rates: Record<string, number> = {};
        for (const metric of metrics) {
          const [cpu, clock] = [await cpuSeconds(), performance.now()];
          const onTheClock = await page.evaluate<number>(`globalThis.rate('${metric}')`);
          // The page counts by the clock; what part of it the machine gave to its process is known out here alone.
          rates[metric] = (onTheClock * (performance.now() - clock)) / 1000 / ((await cpuSeconds()) - cpu);
        }
        return rates as unknown as Rates;
      } finally {
        await close();
      }
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
