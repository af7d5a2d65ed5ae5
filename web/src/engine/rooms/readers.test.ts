import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../types.ts';
import { withReaders } from './readers.ts';

const say = (seq: number | undefined, author: string): TimelineItem => ({
  ...{ kind: 'text', id: `m${seq}`, at: 0, author, authorName: author, mine: author === 'me' },
  ...(seq !== undefined && { seq }),
  ...{ text: '', state: 'sent' },
});
const notice = (seq: number): TimelineItem => ({
  ...{
    kind: 'notice',
    id: `m${seq}`,
    seq,
    at: 0,
    author: 'ana',
    authorName: 'ana',
    mine: false,
    event: { what: 'joined' },
  },
});
const shape = (timeline: TimelineItem[], reads: Record<string, number>) =>
  withReaders(timeline, new Map(Object.entries(reads)), (id) => id).flatMap(({ id, readBy }) =>
    readBy ? [`${id} ${readBy.map(({ name }) => name).join('+')}`] : [],
  );

describe('who has read what', () => {
  it.each<[string, TimelineItem[], Record<string, number>, string[]]>([
    [
      'stands under the last that each has read',
      [say(1, 'me'), say(3, 'me'), say(6, 'me')],
      { ana: 4, ben: 9 },
      ['m3 ana', 'm6 ben'],
    ],
    ['gathers those who have come as far', [say(1, 'me'), say(2, 'me')], { ana: 2, ben: 2 }, ['m2 ana+ben']],
    [
      'is not said of one’s own words, nor of what one has answered',
      [say(1, 'me'), say(2, 'ana')],
      { ana: 1 },
      [],
    ],
    ['goes on with what others say after', [say(1, 'ana'), say(2, 'ben')], { ana: 2, ben: 1 }, ['m2 ana']],
    ['is not said of notices', [say(1, 'me'), notice(2)], { ana: 2 }, ['m1 ana']],
    [
      'is not said of what the room does not have yet',
      [say(1, 'me'), say(undefined, 'me')],
      { ana: 9 },
      ['m1 ana'],
    ],
    ['is not said where all that is here is newer', [say(5, 'me')], { ana: 4 }, []],
  ])('%s', (_, timeline, reads, expected) => expect(shape(timeline, reads)).toEqual(expected));
});
