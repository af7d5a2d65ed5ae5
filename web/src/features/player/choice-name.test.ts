import { describe, expect, it } from 'vitest';
import { choiceName } from './choice-name.ts';

describe('what a track is called', () => {
  it.each([
    [{ id: 1, language: 'ger' }, 'German'],
    [{ id: 1, language: 'deu' }, 'German'],
    [{ id: 1, language: 'pt-BR', name: 'Director' }, 'Brazilian Portuguese (Director)'],
    [{ id: 1, name: 'Commentary' }, 'Commentary'],
    [{ id: 1 }, 'Track 3'],
    [{ id: 1, language: '???' }, '???'],
  ])('%j: %s', (choice, name) => expect(choiceName(choice, 2, (n) => `Track ${n}`, 'en')).toBe(name));
});
