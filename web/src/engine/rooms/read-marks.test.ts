import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRoomSecret } from '../../../../crypto/room/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { ClientFrame } from '../../../../protocol/socket.ts';
import { StoredPreferences } from '../../../../protocol/stored.ts';
import { Subject } from '../observable.ts';
import type { Row } from '../store/store.ts';
import { Turns } from '../turns.ts';
import { Ephemerals } from './ephemerals.ts';
import { ReadMarks, type ReadMarksOptions } from './read-marks.ts';

/** Ana's marks in a room of two that is connected; `stored` is what her store has of it, `row` what was last read of that. */
function marksOf(stored: Partial<Row<'rooms'>>, row = stored) {
  const sent: ClientFrame[] = [];
  const preferences = new Subject(StoredPreferences.parse({}));
  /** Ends the next sealing of a place. */
  const sealing: (() => void)[] = [];
  const room = { stored, row };
  const changes = new Turns();
  const ephemerals = new Ephemerals({
    me: 'ana',
    secret: toBase64(createRoomSecret()),
    isMember: () => true,
    wanted: () => true,
    transmit: (frame) => sent.push(frame),
  });
  const marks = new ReadMarks({
    session: {
      account: { id: 'ana' },
      preferences: {
        observable: preferences,
        get now() {
          return preferences.get();
        },
      },
      keys: { sealPlace: () => new Promise((done) => sealing.push(() => done('sealed'))) },
    },
    room: 'room',
    ephemerals,
    members: () => 2,
    row: () => room.row,
    shown: () => stored.cursor,
    patch: (change: (now: Partial<Row<'rooms'>>) => Partial<Row<'rooms'>>) =>
      changes.run(async () => {
        room.stored = await change(room.stored);
        room.row = room.stored;
      }),
    onChange() {},
  } as unknown as ReadMarksOptions);
  ephemerals.connected();
  return { marks, sent, preferences, sealing, room };
}

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

const patience = { timeout: 20_000 };

it('a message that is read before it was counted is read', async () => {
  const before = { cursor: 6, readSeq: 6, unread: 0 };
  const { marks, room } = marksOf({ cursor: 7, readSeq: 6, unread: 1 }, before);
  marks.read();
  await vi.waitFor(() => expect(room.stored).toMatchObject({ readSeq: 7, unread: 0 }), patience);
  marks.close();
});

it.each([
  ['', 0],
  [', however long that takes', 10_000],
])('who is told is chosen anew while it is being told: that is taken back%s', async (_, takes) => {
  const { marks, sent, preferences, sealing } = marksOf({ cursor: 7, readSeq: 0, unread: 1 });
  marks.read();
  await vi.waitUntil(() => sealing.length === 1, patience);
  preferences.set({ ...preferences.get(), reads: false });
  vi.advanceTimersByTime(takes);
  sealing.shift()!();
  await vi.waitUntil(() => sent.length === 1, patience);
  expect(sent).toMatchObject([{ t: 'keep', for: 'all' }]);
  vi.advanceTimersByTime(2_000);
  await vi.waitUntil(() => sealing.length === 1, patience);
  sealing.shift()!();
  await vi.waitUntil(() => sent.length === 3, patience);
  expect(sent.slice(1)).toMatchObject([{ t: 'ephemeral' }, { t: 'keep', for: 'own' }]);
  marks.close();
});
