import { describe, expect, it } from 'vitest';
import { Content } from '../../../../protocol/content.ts';
import { findEmoji, loadEmoji } from './emoji.ts';

describe('emoji to choose from', async () => {
  const groups = await loadEmoji('en');

  it('are all that the contract takes as a reaction', () => {
    const target = '01931b1e-7d3b-7000-8000-000000000000';
    const all = groups.flatMap(({ emoji }) => emoji);
    expect(all.length).toBeGreaterThan(1700);
    for (const { emoji } of all)
      expect(Content.safeParse({ kind: 'reaction', target, emoji }).success, emoji).toBe(true);
  });

  it.each([
    ['pizza', '🍕'],
    ['thumbs', '👍'],
    ['tada', '🎉'],
    ['popcorn', '🍿'],
  ])('are found by %s', (word, emoji) => {
    expect(
      findEmoji(groups, word)
        .slice(0, 3)
        .map((each) => each.emoji),
    ).toContain(emoji);
  });
});

describe('emoji to choose from in German', async () => {
  const groups = await loadEmoji('de');

  it('have German names', () => {
    const named = (emoji: string) =>
      groups.flatMap((group) => group.emoji).find((each) => each.emoji === emoji)?.name;
    expect([named('🎉'), named('👍')]).toEqual(['Konfettibombe', 'Daumen hoch']);
  });

  it.each([
    ['Kürbis', '🎃'],
    ['daumen', '👍'],
    ['lachen', '😂'],
    ['herz', '❤️'],
    ['popcorn', '🍿'],
    ['thumbs', '👍'],
  ])('are found by %s', (word, emoji) => {
    expect(findEmoji(groups, word).map((each) => each.emoji)).toContain(emoji);
  });
});
