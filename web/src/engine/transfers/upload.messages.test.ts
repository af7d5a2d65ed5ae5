import { describe, expect, it } from 'vitest';
import { problem } from '../../../../protocol/problem.ts';
import { toAnswer } from '../answer.ts';
import { NetworkError, ProblemError } from '../api.ts';
import { retryDelay } from './retry.ts';
import { fromAnswer } from './upload.messages.ts';

/** What a call's outcome is after it went from the page to the worker as messages go. */
const posted = async (call: Promise<unknown>) => {
  const answer = structuredClone(await toAnswer(call));
  try {
    return fromAnswer(answer);
  } catch (error) {
    return error;
  }
};

describe('outcomes of calls, between page and worker', () => {
  it('keep values', async () => {
    expect(await posted(Promise.resolve({ objects: [1] }))).toEqual({ objects: [1] });
    expect(await posted(Promise.resolve(undefined))).toBeUndefined();
  });

  it('keep what tells whether another try makes sense', async () => {
    const away = await posted(Promise.reject(new ProblemError(problem('unavailable'))));
    expect(retryDelay(away, 0)).toBeGreaterThan(0);
    const offline = await posted(Promise.reject(new NetworkError()));
    expect(retryDelay(offline, 0)).toBeGreaterThan(0);
    const limited = await posted(
      Promise.reject(new ProblemError(problem('rate-limited', undefined, { retryAfter: 7 }))),
    );
    expect(retryDelay(limited, 0)).toBeGreaterThanOrEqual(7000);
    const forbidden = await posted(Promise.reject(new ProblemError(problem('forbidden', 'Not yours.'))));
    expect(retryDelay(forbidden, 0)).toBeUndefined();
    expect(forbidden).toMatchObject({ message: 'Not yours.' });
    const unforeseen = await posted(Promise.reject(new Error('odd')));
    expect(retryDelay(unforeseen, 0)).toBeUndefined();
    expect(unforeseen).toMatchObject({ reason: 'refused', message: 'odd' });
  });
});
