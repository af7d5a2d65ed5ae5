// Runs one of Vitest's projects and counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonTestResults } from 'vitest/node';
import type { Count } from './count.ts';
import { run } from './run.ts';

/** What Vitest prints is its short report; failures stand there in full. */
export async function runVitest(
  project: string,
  filters: string[],
  env: Record<string, string> = {},
): Promise<Count> {
  const directory = mkdtempSync(join(tmpdir(), 'stream-chat-tests-'));
  const report = join(directory, 'report.json');
  try {
    const args = ['run', '--project', project, `--outputFile.json=${report}`];
    if (filters.length === 0) args.push('--passWithNoTests');
    const { code } = await run('vitest', [...args, '--reporter=default', '--reporter=json', ...filters], {
      env,
    });
    return countReport(readReport(report), code);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readReport(file: string): JsonTestResults | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JsonTestResults;
  } catch {
    return undefined;
  }
}

/**
 * Counts a report. A file that failed before its tests ran counts as one failure, and so does a run that failed with
 * no failed test to show for it.
 */
export function countReport(report: JsonTestResults | undefined, exitCode: number): Count {
  const files = report?.testResults ?? [];
  const broken = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  const failed = (report?.numFailedTests ?? 0) + broken.length;
  return {
    passed: report?.numPassedTests ?? 0,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}
