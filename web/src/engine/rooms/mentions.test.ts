import { describe, expect, it } from 'vitest';
import { mentioned } from './mentions.ts';

const people = ['Ana', 'Ana Maria', 'Ben', 'Zoë O’Neil'].map((name) => ({ id: name, name }));
const names = (text: string) => mentioned(text, people).map(({ id }) => id);

describe('whom a text names', () => {
  it.each([
    ['@Ana come', ['Ana']],
    ['@ana, @BEN!', ['Ana', 'Ben']],
    ['@Ana Maria and @Ana', ['Ana Maria', 'Ana']],
    ['(@Zoë O’Neil)', ['Zoë O’Neil']],
    ['ana@ben.example', []],
    ['@Anastasia', []],
    ['@', []],
    ['@@Ben', ['Ben']],
    ['Ana', []],
  ])('%s', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it('says where, and means both of one name', () => {
    const found = mentioned('hi @Bo', [
      { id: '1', name: 'Bo' },
      { id: '2', name: 'bo' },
    ]);
    expect(found).toMatchObject([
      { id: '1', begin: 3, end: 6 },
      { id: '2', begin: 3, end: 6 },
    ]);
  });
});
