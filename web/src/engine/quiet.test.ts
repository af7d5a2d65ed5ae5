import { describe, expect, it } from 'vitest';
import { isQuiet } from './quiet.ts';

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
