import { describe, expect, it } from 'vitest';
import { fold, indexOfWord, marksOf } from './fold.ts';
import { asks, parseQuery } from './query.ts';

const day = (year: number, month: number, date = 1) => new Date(year, month - 1, date).getTime();

describe('what somebody types', () => {
  it.each([
    ['two words', { words: ['two', 'words'] }],
    ['"in this order" now', { words: ['in this order', 'now'] }],
    ['from:Ana Film', { from: ['ana'], words: ['film'] }],
    ['from:@me', { from: ['me'] }],
    ['in:"Friday film" has:file', { in: ['friday film'], has: ['file'] }],
    ['HAS:LINK', { has: ['link'] }],
    ['has:dog', { words: ['has:dog'] }],
    ['before:2026-11-03', { before: day(2026, 11, 3) }],
    ['after:2026-02 after:2025', { after: day(2026, 2) }],
    ['after:2026-02-31', {}],
    ['from: before:soon', {}],
    ['Café ÉTÉ', { words: ['cafe', 'ete'] }],
    ['cafe\u0301', { words: ['cafe'] }],
    ['https://a.example', { words: ['https://a.example'] }],
  ])('%s', (text, expected) => {
    expect(parseQuery(text)).toEqual({ words: [], from: [], in: [], has: [], ...expected });
  });

  it('means days by the calendar of this place', () => {
    const now = day(2026, 11, 3) + 5 * 3_600_000;
    expect(parseQuery('after:today before:yesterday', now)).toMatchObject({
      after: day(2026, 11, 3),
      before: day(2026, 11, 2),
    });
  });

  it.each([
    ['', false],
    ['  ', false],
    ['from:', false],
    ['before:2026', true],
    ['x', true],
  ])('“%s” asks for something: %s', (text, expected) => {
    expect(asks(parseQuery(text))).toBe(expected);
  });
});

describe('words in a text', () => {
  it.each(['İstanbul', 'Straße', 'ﬁne', '😀 Ünïcode', 'ǅ', 'e\u0301', 'ΣΊΣΥΦΟΣ'])(
    'keep their places in %s',
    (text) => {
      expect(fold(text)).toHaveLength(text.length);
    },
  );

  it.each([
    ['popcorn and film', 'film', 12],
    ['popcorn', 'corn', -1],
    ['popcorn corn', 'corn', 8],
    ['https://film.example', 'film', 8],
    ['明日映画を見る', '映画', 2],
    ['films', 'film', 0],
  ])('in “%s”, “%s” begins at %s', (text, word, at) => {
    expect(indexOfWord(fold(text), word)).toBe(at);
  });

  it('are marked once where they overlap', () => {
    expect(marksOf('Crème brûlée, crème', ['creme', 'creme br'])).toEqual([
      [0, 8],
      [14, 19],
    ]);
  });
});
