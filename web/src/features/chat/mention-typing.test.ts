import { describe, expect, it } from 'vitest';
import type { Member } from '../../engine/types.ts';
import { membersNamed, nameBefore } from './mention-typing.ts';

describe('the name that is being typed', () => {
  it.each([
    ['@', { at: 0, name: '' }],
    ['hi @an', { at: 3, name: 'an' }],
    ['hi @Ana Ma', { at: 3, name: 'Ana Ma' }],
    ['(@zoë', { at: 1, name: 'zoë' }],
    ['ana@be', undefined],
    ['@ana is here', undefined],
    ['@ana ', undefined],
  ])('%s', (text, expected) => {
    expect(nameBefore(text, text.length)).toEqual(expected);
  });

  it('is the one before the caret', () => {
    expect(nameBefore('@an and @be', 3)).toEqual({ at: 0, name: 'an' });
  });
});

describe('members who are offered', () => {
  const members = ['Mia Benson', 'Ben', 'Zoë', 'Me'].map(
    (name) => ({ id: name, name, isMe: name === 'Me' }) as Member,
  );
  const names = (typed: string) => membersNamed(members, typed).map(({ name }) => name);

  it('have a name that begins so, first of all at its beginning; oneself is none', () => {
    expect(names('be')).toEqual(['Ben', 'Mia Benson']);
    expect(names('zoe')).toEqual(['Zoë']);
    expect(names('me')).toEqual([]);
    expect(names('')).toHaveLength(3);
  });
});
