import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../../engine/types.ts';
import { firstUnread, rowsOf, sameRow } from './rows.ts';

const noon = new Date(2026, 10, 22, 12).getTime();
const minute = 60_000;
const say = (id: string, author: string, at: number): TimelineItem => ({
  kind: 'text',
  id,
  at,
  author,
  authorName: author,
  mine: author === 'me',
  text: id,
  state: 'sent',
});
const notice = (id: string, at: number): TimelineItem => ({
  kind: 'notice',
  id,
  at,
  author: 'ana',
  authorName: 'Ana',
  mine: false,
  event: { what: 'joined' },
});
const shape = (timeline: TimelineItem[], newFrom?: string) =>
  rowsOf(timeline, false, newFrom).rows.map(
    (row) => `${row.key}${row.newDay ? ' day' : ''}${row.first ? ' first' : ''}${row.last ? ' last' : ''}`,
  );

describe('rowsOf', () => {
  it('gathers what one author says in a row', () => {
    expect(
      shape([say('a', 'ana', noon), say('b', 'ana', noon + minute), say('c', 'ben', noon + minute)]),
    ).toEqual(['a day first', 'b last', 'c first last']);
  });

  it.each([
    ['a pause of five minutes', [say('a', 'ana', noon), say('b', 'ana', noon + 5 * minute)]],
    ['midnight', [say('a', 'ana', noon + 12 * 60 * minute - 1), say('b', 'ana', noon + 12 * 60 * minute)]],
  ])('%s starts a new run', (_, timeline) => {
    expect(shape(timeline)[1]).toMatch(/^b( day)? first last$/);
  });

  it('a notice stands alone, also between messages of the person it is about', () => {
    expect(shape([say('a', 'ana', noon), notice('n', noon + 1), say('b', 'ana', noon + 2)])).toEqual([
      'a day first last',
      'n first last',
      'b first last',
    ]);
  });

  it('the first unread message starts a run of its own', () => {
    const { rows } = rowsOf([say('a', 'ana', noon), say('b', 'ana', noon + 1)], false, 'b');
    expect(rows.map(({ firstNew, first, last }) => [firstNew, first, last])).toEqual([
      [false, true, true],
      [true, true, true],
    ]);
  });

  it('says where the room begins only when nothing older exists', () => {
    expect(rowsOf([], true, undefined).rows.map((row) => row.key)).toEqual(['beginning']);
    expect(rowsOf([], false, undefined).rows).toEqual([]);
  });
});

describe('a timeline that changes', () => {
  const authors = ['ana', 'ben'];
  const line = fc.record({ id: fc.nat(30), author: fc.constantFrom(...authors), minutes: fc.nat(3000) });
  const timeline = fc
    .uniqueArray(line, { selector: ({ id }) => id, maxLength: 12 })
    .map((lines) => lines.map(({ id, author, minutes }) => say(`${id}`, author, noon + minutes * minute)));

  it('has the rows that it would have if it had always been so', () => {
    // What is in both is mostly the same object, as the engine gives it.
    const two = fc.tuple(timeline, timeline, fc.nat(12), fc.nat(12), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(two, ([some, others, from, to, begun, begins]) => {
        const before = rowsOf(some, begun, '3');
        const kept = some.slice(from, to);
        const ids = new Set(kept.map(({ id }) => id));
        const fresh = others.filter(({ id }) => !ids.has(id));
        const now = [...fresh.slice(0, 3), ...kept, ...fresh.slice(3)];
        expect(rowsOf(now, begins, '3', before).rows).toEqual(rowsOf(now, begins, '3').rows);
      }),
    );
  });

  it('has the same rows where nothing has changed, when older ones come', () => {
    const some = ['a', 'b', 'c', 'd'].map((id, i) => say(id, 'ana', noon + i));
    const before = rowsOf(some, false, undefined);
    const { rows } = rowsOf([say('z', 'ana', noon - 1), ...some], true, undefined, before);
    expect(rows.map((row) => before.rows.indexOf(row))).toEqual([-1, -1, -1, 1, 2, 3]);
    expect(rows[2]?.first).toBe(false);
  });
});

describe('firstUnread', () => {
  const timeline = [
    say('a', 'ana', 1),
    say('b', 'me', 2),
    notice('n', 3),
    say('c', 'ben', 4),
    say('d', 'me', 5),
  ];
  it.each([
    [0, undefined],
    [1, 'c'],
    [2, 'a'],
    [9, 'a'],
  ])('with %d unread it is %s', (unread, id) => expect(firstUnread(timeline, unread)).toBe(id));
});

describe('sameRow', () => {
  const only = (item: TimelineItem) => rowsOf([item], false, undefined).rows[0];
  const row = only(say('a', 'ana', noon));
  const again = only(say('a', 'ana', noon));
  const failed = only({ ...say('a', 'ana', noon), state: 'failed' } as TimelineItem);
  it('sees no change in a copy', () => expect(sameRow(row!, again!)).toBe(true));
  it('sees a changed state', () => expect(sameRow(row!, failed!)).toBe(false));
});
