import { describe, expect, it } from 'vitest';
import { compare, jsonLine, median, table } from './harness.ts';

describe('compare', () => {
  it('holds up to and including its target, and no further', () => {
    expect(compare('time, s', 15, 15, { atMost: 1 })).toEqual({
      metric: 'time, s',
      ours: 15,
      anchor: 15,
      ratio: 1,
      target: '≤ 1',
      holds: true,
    });
    expect(compare('time, s', 15.1, 15, { atMost: 1 }).holds).toBe(false);
    expect(compare('deliveries/s', 150, 100, { atLeast: 1.5 }).holds).toBe(true);
    expect(compare('deliveries/s', 149, 100, { atLeast: 1.5 }).holds).toBe(false);
  });

  it('without a target only informs', () => {
    expect(compare('time, ms', 3, 2)).toMatchObject({ ratio: 1.5, target: null, holds: null });
  });

  it('refuses an anchor or a measurement that is none', () => {
    expect(() => compare('time, s', 1, 0)).toThrow(RangeError);
    expect(() => compare('time, s', Number.NaN, 1)).toThrow(RangeError);
    expect(() => compare('time, s', 1, Number.NaN)).toThrow(RangeError);
  });
});

describe('median', () => {
  it.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])('of %j is %d', (values, middle) => expect(median(values)).toBe(middle));

  it('of nothing throws', () => expect(() => median([])).toThrow(RangeError));
});

describe('what is printed', () => {
  const rows = [compare('first start, s', 4.123, 15, { atMost: 1 }), compare('a message, ms', 12.5, 0.42)];

  it('is a table whose columns stand in line', () => {
    const lines = table(rows).split('\n');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[0]).toMatch(/^\| metric +\| +ours \| anchor \| +ratio \| target \| holds \|$/);
    expect(lines[2]).toMatch(/^\| first start, s \| 4\.12 \| +15\.0 \| 0\.275 × \| +≤ 1 × \| +yes \|$/);
    expect(lines[3]).toMatch(/^\| a message, ms +\| 12\.5 \| +0\.420 \| +29\.8 × \| +\| +\|$/);
  });

  it('says NO where a target is missed', () => {
    expect(table([compare('first start, s', 20, 15, { atMost: 1 })])).toMatch(/\| +NO \|$/);
  });

  it('is one line of JSON for programs', () => {
    const line = jsonLine('start', rows);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({ name: 'start', rows });
    expect(Object.keys(JSON.parse(line).rows[0])).toEqual([
      'metric',
      'ours',
      'anchor',
      'ratio',
      'target',
      'holds',
    ]);
  });
});
