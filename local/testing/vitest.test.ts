import { describe, expect, it } from 'vitest';
import type { JsonTestResults } from 'vitest/node';
import { countReport } from './vitest.ts';

/** A report of one file with these tests. */
function report(
  counts: { passed: number; failed: number; pending?: number; todo?: number },
  fileFailed = false,
) {
  const { passed, failed, pending = 0, todo = 0 } = counts;
  const assertionResults = [
    ...Array.from({ length: passed }, () => ({ status: 'passed' })),
    ...Array.from({ length: failed }, () => ({ status: 'failed' })),
  ];
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: todo,
    testResults: [{ status: fileFailed || failed > 0 ? 'failed' : 'passed', assertionResults }],
  } as unknown as JsonTestResults;
}

describe('the count of a test run', () => {
  it.each([
    [
      'its tests',
      report({ passed: 3, failed: 2, pending: 1, todo: 1 }),
      1,
      { passed: 3, failed: 2, skipped: 2 },
    ],
    [
      'a file that would not load',
      report({ passed: 0, failed: 0 }, true),
      1,
      { passed: 0, failed: 1, skipped: 0 },
    ],
    [
      'a hook that failed after its tests',
      report({ passed: 2, failed: 0 }, true),
      1,
      { passed: 2, failed: 1, skipped: 0 },
    ],
    [
      'a run that failed without a failed test',
      report({ passed: 5, failed: 0 }),
      1,
      { passed: 5, failed: 1, skipped: 0 },
    ],
    ['a run that left no report', undefined, 1, { passed: 0, failed: 1, skipped: 0 }],
    ['a run without tests', report({ passed: 0, failed: 0 }), 0, { passed: 0, failed: 0, skipped: 0 }],
  ])('holds %s', (_what, given, exitCode, count) => {
    expect(countReport(given, exitCode)).toEqual(count);
  });
});
