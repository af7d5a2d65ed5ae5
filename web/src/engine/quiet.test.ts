import { afterEach, describe, expect, it, vi } from 'vitest';
import { dropLeftovers } from './leftovers.ts';
import { isQuiet, keepQuiet, readQuiet } from './quiet.ts';

const at = (hour: number, minute = 0) => new Date(2026, 0, 1, hour, minute);

describe('quiet hours', () => {
  it.each([
    [22, true],
    [23, true],
    [3, true],
    [6, true],
    [7, false],
    [12, false],
    [21, false],
  ])('go over midnight: at %i:00 %s', (hour, quiet) =>
    expect(isQuiet({ from: 22 * 60, to: 7 * 60 }, at(hour))).toBe(quiet),
  );

  it('are from their first minute until the one before their last, on one day', () => {
    const quiet = { from: 13 * 60, to: 14 * 60 };
    expect([at(12, 59), at(13), at(13, 59), at(14)].map((time) => isQuiet(quiet, time))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isQuiet(undefined, at(13))).toBe(false);
  });
});

describe('for the service worker', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('they stay where somebody clears what lies about, until they are taken back', async () => {
    vi.stubGlobal('caches', storage());
    await keepQuiet({ from: 1, to: 2 });
    await dropLeftovers();
    expect(await readQuiet()).toEqual({ from: 1, to: 2 });
    await keepQuiet(undefined);
    expect(await readQuiet()).toBeUndefined();
  });
});

/** As much of a browser's `caches` as is needed here: Node has none. */
function storage() {
  const kept = new Map<string, Map<string, Response>>();
  return {
    open: async (name: string) => {
      const cache = kept.get(name) ?? new Map<string, Response>();
      kept.set(name, cache);
      return { put: async (place: string, response: Response) => void cache.set(place, response) };
    },
    match: async (place: string, { cacheName }: { cacheName: string }) =>
      kept.get(cacheName)?.get(place)?.clone(),
    delete: async (name: string) => kept.delete(name),
  };
}
