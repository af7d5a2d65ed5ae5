// Lighthouse in a scratch folder outside the repository, removed afterwards.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const version = '13.5.0';
const run = promisify(execFile);

/** What Lighthouse says of a page, on its phone (mobile, simulated): scores out of 100, seconds. */
export interface Verdict {
  readonly performance: number;
  readonly accessibility: number;
  readonly bestPractices: number;
  readonly interactive: number;
  readonly largestPaint: number;
  /** What cost points, a line each. */
  readonly faults: readonly string[];
}

interface Report {
  readonly categories: Readonly<
    Record<string, { score: number; auditRefs: readonly { id: string; weight: number }[] }>
  >;
  readonly audits: Readonly<Record<string, { title: string; score: number | null; numericValue?: number }>>;
}

/** Judges `url` so many times. Throws an Error that says why when Lighthouse can't be had here. */
export async function judge(url: string, times: number): Promise<Verdict[]> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-lighthouse-'));
  try {
    await run('npm', ['install', '--prefix', directory, '--no-audit', '--no-fund', `lighthouse@${version}`]);
    const cli = join(directory, 'node_modules/lighthouse/cli/index.js');
    const output = join(directory, 'report.json');
    const verdicts: Verdict[] = [];
    for (let i = 0; i < times; i++) {
      await run(
        process.execPath,
        [
          ...[cli, url, '--quiet', '--output=json', `--output-path=${output}`],
          '--only-categories=performance,accessibility,best-practices',
          '--chrome-flags=--headless=new --no-sandbox --disable-gpu',
        ],
        { env: { ...process.env, CHROME_PATH: process.env.CHROMIUM } },
      );
      verdicts.push(verdictOf(JSON.parse(readFileSync(output, 'utf8')) as Report));
    }
    return verdicts;
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

function verdictOf({ categories, audits }: Report): Verdict {
  const score = (name: string) => Math.round((categories[name]?.score ?? 0) * 100);
  const seconds = (name: string) => (audits[name]?.numericValue ?? Number.NaN) / 1000;
  const faults = Object.values(categories).flatMap(({ auditRefs }) =>
    auditRefs.flatMap(({ id, weight }) => {
      const audit = audits[id];
      return audit && weight > 0 && audit.score !== null && audit.score < 1 ? [`${id}: ${audit.title}`] : [];
    }),
  );
  return {
    performance: score('performance'),
    accessibility: score('accessibility'),
    bestPractices: score('best-practices'),
    interactive: seconds('interactive'),
    largestPaint: seconds('largest-contentful-paint'),
    faults,
  };
}
