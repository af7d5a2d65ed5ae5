import { describe, expect, it } from 'vitest';
import { marksOf } from '../../engine/search/fold.ts';
import type { RoomSummary } from '../../engine/types.ts';
import { excerpt, roomResults } from './results.ts';

describe('an excerpt', () => {
  it.each([
    ['short', 'A film tonight', 'film'],
    ['long', `${'words before it '.repeat(40)}a film tonight ${'and after '.repeat(40)}`, 'film'],
    ['without spaces', `${'x'.repeat(300)}-film`, 'film'],
  ])('of a %s text shows what was looked for', (_what, text, word) => {
    const part = excerpt(text, marksOf(text, [word]));
    const [begin, end] = part.marks[0]!;
    expect(part.text.slice(begin, end)).toBe('film');
    expect(begin).toBeLessThan(60);
    expect(part.text.length).toBeLessThanOrEqual(201);
  });
});

describe('rooms', () => {
  const rooms = ['Friday film', 'Filmmakers', 'Été'].map((name) => ({ id: name, name }) as RoomSummary);
  const names = (text: string) =>
    roomResults(rooms, text).map((found) => found.kind === 'room' && found.room.name);

  it('are found by the beginning of a word, whatever its accents', () => {
    expect(names('film')).toEqual(['Friday film', 'Filmmakers']);
    expect(names('ete')).toEqual(['Été']);
    expect(names('day')).toEqual([]);
  });

  it('are the recent ones before anything is typed', () => {
    expect(names('')).toHaveLength(3);
  });
});
