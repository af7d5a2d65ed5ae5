import { describe, expect, it } from 'vitest';
import { StoredPreferences } from '../../../../protocol/stored.ts';
import type { RoomSummary } from '../../engine/types.ts';
import { badgeCount, mentions, worthTelling } from './judge.ts';

const room = '01890000-0000-7000-8000-000000000001';
const summary = (unread: number, text = 'hello', at = unread): RoomSummary => ({
  ...{ id: room, name: 'Film', role: 'member', unread, activeAt: at },
  last: { author: 'Ben', text, at },
});
const chosen = (change: object = {}) => StoredPreferences.parse(change);

describe('a mention', () => {
  it.each(['@Ana look', 'look @ana', 'so, @ANA!', '@Anabel and @Ana'])('is in "%s"', (text) =>
    expect(mentions(text, 'Ana')).toBe(true),
  );
  it.each(['Ana', '@Anabel', 'mail ana@example.org', '@ana7'])('is not in "%s"', (text) =>
    expect(mentions(text, 'Ana')).toBe(false),
  );
});

describe('what is told', () => {
  it('is what came in, and neither what was there nor what somebody has read', () => {
    expect(worthTelling(summary(1), summary(2), chosen(), 'Ana')).toBe(true);
    expect(worthTelling(undefined, summary(2), chosen(), 'Ana')).toBe(false);
    expect(worthTelling(summary(2), summary(2), chosen(), 'Ana')).toBe(false);
    expect(worthTelling(summary(2), summary(0), chosen(), 'Ana')).toBe(false);
  });

  it('is as much of a room as its person wants', () => {
    const told = (level: string, text: string) =>
      worthTelling(summary(1), summary(2, text), chosen({ rooms: { [room]: level } }), 'Ana');
    expect(['all', 'mentions', 'nothing'].map((level) => told(level, 'hello'))).toEqual([true, false, false]);
    expect(['all', 'mentions', 'nothing'].map((level) => told(level, 'hello @ana'))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is counted on the badge, without the rooms of which one wants to hear nothing', () => {
    expect(badgeCount([summary(2), { ...summary(3), id: `${room.slice(0, -1)}2` }], chosen())).toBe(5);
    expect(badgeCount([summary(2)], chosen({ rooms: { [room]: 'nothing' } }))).toBe(0);
  });
});
