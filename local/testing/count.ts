// How many tests passed, failed and were skipped.
export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

export const none: Count = { passed: 0, failed: 0, skipped: 0 };

/** A check that is one test by itself. */
export function countOf(ok: boolean): Count {
  return ok ? { ...none, passed: 1 } : { ...none, failed: 1 };
}

export function sum(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
