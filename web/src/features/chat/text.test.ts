import { describe, expect, it } from 'vitest';
import { isEmojiOnly } from './text.ts';

describe('isEmojiOnly', () => {
  it.each(['👍', '❤️', '👩‍👩‍👧‍👦 🎉', '🇪🇺🇪🇺🇪🇺'])('%s is large', (text) =>
    expect(isEmojiOnly(text)).toBe(true),
  );
  it.each(['', '1', '👍 ok', '👍👍👍👍', '#'])('"%s" is not', (text) =>
    expect(isEmojiOnly(text)).toBe(false),
  );
});
