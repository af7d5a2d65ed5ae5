import { expect, it } from 'vitest';
import type { Row } from '../store/store.ts';
import { History, type HistoryOptions } from './history.ts';

it('a message that comes without its key while others are tried again is tried the next time', async () => {
  let room: Partial<Row<'rooms'>> = { cursor: 50, missed: 40, lastMissed: 41, learned: 49 };
  const tried: number[] = [];
  const history = new History({
    session: {
      store: { get: async () => room },
      keys: {
        learnBackups: async () => ({ learned: 1, forged: false }),
        async reopen(_: string, items: readonly { seq: number }[]) {
          for (const { seq } of items) if (seq <= room.cursor!) tried.push(seq);
          // Meanwhile, as \`receive\` notes it.
          if (tried.length <= 11) room = { ...room, cursor: 52, lastMissed: 52 };
        },
      },
      api: async (_: string, { query }: { query: { after: number } }) => ({
        items: Array.from({ length: 52 }, (_, i) => ({ seq: i + 1 })).filter(({ seq }) => seq > query.after),
        next: null,
      }),
    },
    log: { room: 'room' },
    patch: async (change: (row: typeof room) => typeof room) => {
      room = change(room);
    },
  } as unknown as HistoryOptions);
  await history.repair();
  expect(tried).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
  expect(room.missed).toBe(51);
  tried.length = 0;
  await history.repair();
  expect(tried).toEqual([51, 52]);
  expect(room.missed).toBeUndefined();
});
