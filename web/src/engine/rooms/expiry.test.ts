import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLocks } from '../store/locks.ts';
import { putMessage } from '../store/messages.ts';
import { type Row, Store, type Table } from '../store/store.ts';
import { Expiry } from './expiry.ts';

const [ana, room] = [uuidv7(), uuidv7()];
let store: Store<Table>;
let expiry: Expiry;
let erased: string[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const name = uuidv7();
  store = await Store.open(name);
  erased = [];
  expiry = new Expiry({
    store: () => store,
    locks: createLocks(name),
    onErased: (_, messages) =>
      erased.push(...messages.map(({ content }) => String((content as { body?: string }).body))),
  });
  const row: Row<'rooms'> = {
    ...{ id: room, name: 'Film', secret: 'AAAA'.repeat(11).slice(0, 43), cursor: 9, readSeq: 0 },
    ...{ before: false, roster: [], activeAt: 0, unread: 0, role: 'owner' },
  };
  await store.write([{ table: 'rooms', key: room, value: row }]);
});
afterEach(async () => {
  await expiry.close();
  vi.useRealTimers();
});

async function say(seq: number, body: string, lasts?: number): Promise<Row<'messages'>> {
  const draft = store.draft();
  const message = {
    id: uuidv7(),
    seq,
    sender: ana,
    at: Date.now(),
    content: { kind: 'text', body, lasts },
  } as const;
  putMessage(draft, room, message);
  draft.put('rooms', room, {
    ...(await store.get('rooms', room))!,
    last: { id: message.id, author: ana, text: body, at: message.at },
    pins: [{ id: message.id, seq, by: ana }],
  });
  await draft.commit();
  return message;
}
const left = async () =>
  (await store.list('messages')).map(([, { content }]) => (content as { body?: string }).body);

it('what disappears goes when its time is over, with what was made of it', async () => {
  await say(1, 'stays');
  await say(2, 'goes', 60);
  expiry.look();
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
  vi.advanceTimersByTime(59_000);
  expect(await left()).toEqual(['stays', 'goes']);
  vi.advanceTimersByTime(1_000);
  await vi.waitFor(() => expect(erased).toEqual(['goes']));
  expect(await left()).toEqual(['stays']);
  expect(await store.list('expiries')).toEqual([]);
  const row = await store.get('rooms', room);
  expect(row).toMatchObject({ repairs: 1, last: { text: 'Disappeared' }, pins: [] });
});

it('what ran out while nothing ran goes at once, and what comes later is waited for', async () => {
  await say(1, 'old', 1);
  await say(2, 'young', 3600);
  vi.setSystemTime(Date.now() + 5_000);
  expiry.look();
  await vi.waitFor(() => expect(erased).toEqual(['old']));
  vi.setSystemTime(Date.now() + 3_600_000);
  expiry.look();
  await vi.waitFor(() => expect(erased).toEqual(['old', 'young']));
});
