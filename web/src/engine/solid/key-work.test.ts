import { createRoot } from 'solid-js';
import { expect, it } from 'vitest';
import type { KeyWork } from '../types.ts';
import { createKeyWork } from './key-work.ts';

/** Work on keys that is as far as `far`, until it is given up or `answer` comes. */
function open(far: number) {
  const [work, leave] = createRoot((dispose) => [createKeyWork(), dispose] as const);
  let answer = () => {};
  const task = ({ signal, onProgress }: KeyWork) =>
    new Promise<void>((resolve, reject) => {
      answer = resolve;
      signal?.addEventListener('abort', () => reject(signal.reason));
      onProgress?.(far);
    });
  const done = work.run(task);
  return { work, leave, done, answer };
}

it.each(['cancel', 'leave'] as const)(
  'work on keys is given up by %s until the service is asked',
  async (way) => {
    const { work, leave, done } = open(0.95);
    expect(work.canCancel()).toBe(true);
    ({ cancel: work.cancel, leave })[way]();
    expect(await done).toBe(false);
    expect(work.busy()).toBe(false);
  },
);

it.each(['cancel', 'leave'] as const)('once it is, %s gives up nothing: the answer is heard', async (way) => {
  const { work, leave, done, answer } = open(1);
  expect(work.canCancel()).toBe(false);
  ({ cancel: work.cancel, leave })[way]();
  answer();
  expect(await done).toBe(true);
});

it('what is begun after an answer can be given up again', async () => {
  const { work, done, answer } = open(1);
  answer();
  await done;
  const next = work.run(
    ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  );
  expect(work.canCancel()).toBe(true);
  work.cancel();
  expect(await next).toBe(false);
});
