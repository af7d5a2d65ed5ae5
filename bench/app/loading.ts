// The first visit: how much is loaded, and how Lighthouse judges it; beside another web app's build, where one is given.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { preview } from 'vite';
import { root } from '../../local/worker-process.ts';
import { compare, median, type Row } from '../harness.ts';
import { openEdge } from './edge.ts';
import { judge, type Verdict } from './lighthouse.ts';

const atMost = { atMost: 1 } as const;
const atLeast = { atLeast: 1 } as const;

/** Measures the app at `url`, and the build in the directory `BESIDE` of the environment, called by `BESIDE_NAME`. */
export async function loading(url: string, say: (line: string) => void): Promise<Row[]> {
  const load = firstLoad(join(root, 'dist/web'));
  const rows = [compare('first load, kB after brotli; anchor: the limit', load, 150, atMost)];
  const { BESIDE: beside, BESIDE_NAME: name = 'another' } = process.env;
  if (beside) rows.push(compare(`first load, kB after brotli; anchor: ${name}`, load, firstLoad(beside)));
  try {
    const ours = await lighthouse(url, say);
    rows.push(...rowsOf(ours));
    if (!beside) return rows;
    const theirs = await besideLighthouse(beside, (line) => say(`${name}: ${line}`));
    rows.push(
      compare(`Lighthouse, performance; anchor: ${name}`, ours.performance, theirs.performance),
      compare(`time to interactive, s; anchor: ${name}`, ours.interactive, theirs.interactive),
      compare(`largest paint, s; anchor: ${name}`, ours.largestPaint, theirs.largestPaint),
    );
  } catch (error) {
    say(`Lighthouse could not be had here: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
  }
  return rows;
}

/** Scripts and styles that index.html names, and itself, compressed, in kB. */
function firstLoad(site: string): number {
  const page = readFileSync(join(site, 'index.html'), 'utf8');
  const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path!);
  const files = ['/index.html', ...assets].map((path) => readFileSync(join(site, path)));
  return files.reduce((sum, file) => sum + brotliCompressSync(file).length, 0) / 1000;
}

const rowsOf = (ours: Verdict): Row[] => [
  compare('Lighthouse, performance; anchor: the limit', ours.performance, 95, atLeast),
  compare('Lighthouse, accessibility; anchor: the limit', ours.accessibility, 100, atLeast),
  compare('Lighthouse, best practices; anchor: the limit', ours.bestPractices, 100, atLeast),
  compare('time to interactive, s; anchor: the limit', ours.interactive, 2.5, atMost),
  compare('largest paint, s; anchor: what counts as good', ours.largestPaint, 2.5),
];

/** The median of three, of each. */
async function lighthouse(url: string, say: (line: string) => void): Promise<Verdict> {
  const edge = await openEdge(url);
  try {
    const verdicts = await judge(edge.url, 3);
    const of = (pick: (verdict: Verdict) => number) => median(verdicts.map(pick));
    const faults = [...new Set(verdicts.flatMap((verdict) => verdict.faults))];
    for (const fault of faults) say(`Lighthouse: ${fault}`);
    return {
      performance: of((one) => one.performance),
      accessibility: of((one) => one.accessibility),
      bestPractices: of((one) => one.bestPractices),
      interactive: of((one) => one.interactive),
      largestPaint: of((one) => one.largestPaint),
      faults,
    };
  } finally {
    await edge.close();
  }
}

async function besideLighthouse(site: string, say: (line: string) => void): Promise<Verdict> {
  const server = await preview({
    configFile: false,
    logLevel: 'error',
    root: site,
    build: { outDir: site },
    preview: { port: 0, host: '127.0.0.1', open: false },
  });
  try {
    return await lighthouse(server.resolvedUrls!.local[0]!, say);
  } finally {
    await server.close();
  }
}
