import { describe, expect, it } from 'vitest';
import { type History, historyFaults, type Seen, type Witness } from './history.ts';

const sent = ['a', 'b', 'c', 'd'].map((id) => ({ id, box: `box of ${id}` }));
const at = (id: string, seq: number): Seen => ({ id, seq, box: `box of ${id}` });
const all = [at('a', 1), at('b', 2), at('c', 3), at('d', 4)];
const ana: Witness = { name: 'Ana', seen: all };
const good: History = { sent, acknowledged: all, witnesses: [ana, { name: 'Ben', seen: all }] };

/** The kinds of fault in the good history but for what Ben saw. */
const kinds = (seen: readonly Seen[], rest: Partial<History> = {}) => [
  ...new Set(
    historyFaults({ ...good, witnesses: [ana, { name: 'Ben', seen }], ...rest }).map(
      (fault) => fault.split(':')[0],
    ),
  ),
];

describe('the checker of histories', () => {
  it('finds nothing in a good one, nor in none', () => {
    expect(historyFaults(good)).toEqual([]);
    expect(
      historyFaults({ sent: [], acknowledged: [], witnesses: [ana, ana].map((w) => ({ ...w, seen: [] })) }),
    ).toEqual([]);
  });

  it('lets a message be there that was never answered, if all have it, and one be missing that all lack', () => {
    const { acknowledged } = good;
    expect(historyFaults({ ...good, acknowledged: acknowledged.slice(0, 2) })).toEqual([]);
    expect(historyFaults({ ...good, sent: [...sent, { id: 'e', box: 'e' }] })).toEqual([]);
    expect(kinds(all.slice(0, 3), { acknowledged: acknowledged.slice(0, 3) })).toEqual(['gap']);
  });

  it.each<[string, string[], readonly Seen[]]>([
    ['a lost message', ['gap', 'lost'], [all[0]!, all[1]!, all[3]!]],
    ['a lost end', ['gap', 'lost'], all.slice(0, 3)],
    ['a lost beginning', ['gap', 'lost'], all.slice(1)],
    ['one seen twice in a row', ['twice'], [all[0]!, all[0]!, ...all.slice(1)]],
    ['one seen again later', ['twice'], [...all, all[1]!]],
    ['one that has two numbers', ['gap', 'order', 'twice'], [...all, at('a', 5)]],
    ['two that come in the wrong order', ['reordered'], [all[0]!, all[2]!, all[1]!, all[3]!]],
    ['another order than others have', ['order'], [at('b', 1), at('a', 2), all[2]!, all[3]!]],
    ['a number left out', ['gap', 'order'], [all[0]!, all[1]!, at('c', 4), at('d', 5)]],
    ['another text', ['invented'], [...all.slice(0, 3), { ...all[3]!, box: 'altered' }]],
    ['one that nobody sent', ['gap', 'invented'], [...all, at('e', 5)]],
  ])('finds %s', (_, expected, seen) => {
    expect(kinds(seen).sort()).toEqual(expected);
  });

  it('finds answers that contradict one another, or are for what nobody sent', () => {
    expect(kinds(all, { acknowledged: [...all, at('a', 2)] })).toEqual(['order']);
    expect(kinds(all, { acknowledged: [...all, at('x', 9)] })).toEqual(
      expect.arrayContaining(['invented', 'lost']),
    );
  });

  it('knows what is for one of them alone', () => {
    const toBen = {
      sent: sent.map((message) => (message.id === 'b' ? { ...message, only: 'Ben' } : message)),
    };
    const without = { ...ana, seen: all.filter(({ id }) => id !== 'b') };
    const ben = { name: 'Ben', seen: all };
    expect(historyFaults({ ...good, ...toBen, witnesses: [without, ben] })).toEqual([]);
    expect(historyFaults({ ...good, ...toBen })).toEqual([expect.stringContaining('leaked')]);
    expect(
      historyFaults({ ...good, ...toBen, witnesses: [without, { ...ben, seen: without.seen }] }),
    ).toHaveLength(2);
  });
});
