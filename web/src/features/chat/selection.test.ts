import { describe, expect, it } from 'vitest';
import { touched } from './selection.ts';

const order = ['a', 'b', 'c', 'd'];

describe('what is selected', () => {
  it.each<[string, string[], string, string | undefined, string[]]>([
    ['takes one in', ['a'], 'c', undefined, ['a', 'c']],
    ['lets it go again', ['a', 'c'], 'c', undefined, ['a']],
    ['takes in all from the last one on', ['b'], 'd', 'b', ['b', 'c', 'd']],
    ['and back', ['d'], 'b', 'd', ['d', 'b', 'c']],
    ['takes one in where the last is gone', ['x'], 'b', 'x', ['x', 'b']],
  ])('%s', (_, before, id, from, after) =>
    expect([...touched(new Set(before), order, id, from)]).toEqual(after),
  );
});
