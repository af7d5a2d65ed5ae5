import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it, vi } from 'vitest';
import { routes } from '../../protocol/rest/index.ts';
import { createApp } from '../app.ts';
import { problemIn, requestOf } from '../test/client.ts';

/** Tells of an error by way of as many places as are allowed, each spelt as long as is allowed, from an address of its own. */
function report(): Response | Promise<Response> {
  const place = { function: 'f'.repeat(80), file: `${'f'.repeat(97)}.js`, line: 1, column: 1 };
  const frames = Array.from({ length: 20 }, (_, line) => ({ ...place, line }));
  const body = { id: crypto.randomUUID(), error: 'RangeError', screen: 'r', frames };
  return createApp().fetch(requestOf(routes.reportError, { body }), env, createExecutionContext());
}

it('of a report only the innermost places are logged', async () => {
  const print = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect((await report()).status).toBe(204);
  const [line] = print.mock.calls.flat().map((text) => JSON.parse(text));
  print.mockRestore();
  expect(line).toMatchObject({ event: 'app-failed', error: 'RangeError' });
  expect(line.stack.map((place: string) => place.split(':')[1])).toEqual([...'0123456789']);
});

it('many addresses together are told to wait', async () => {
  const print = vi.spyOn(console, 'error').mockImplementation(() => {});
  let refused: Response | undefined;
  let taken = 0;
  while (!refused && taken < 200) {
    const response = await report();
    if (response.status === 204) taken++;
    else refused = response;
  }
  const printed = print.mock.calls.length;
  print.mockRestore();
  const problem = await problemIn(refused as Response);
  expect(problem.type).toBe('/problems/rate-limited');
  expect(refused?.headers.get('retry-after')).toBe(String(problem.retryAfter));
  // Those before it count too.
  expect(taken).toBeGreaterThan(100);
  expect(taken).toBeLessThanOrEqual(120);
  expect(printed).toBe(taken);
});
