import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLocks, type Locks } from '../store/locks.ts';
import { putMessage, stretchSize } from '../store/messages.ts';
import { messageKey, type Row, Store, type Table } from '../store/store.ts';
import { RoomArchive } from './archive.ts';
import { parseQuery } from './query.ts';

const [ana, ben, room] = [uuidv7(), uuidv7(), uuidv7()];
let store: Store<Table>;
let locks: Locks;

beforeEach(async () => {
  const name = uuidv7();
  store = await Store.open(name);
  locks = createLocks(name);
});

const archive = () => new RoomArchive({ store: () => store, locks, room });
const text = (body: string) => ({ kind: 'text', body }) as const;

async function put(seq: number, content: Row<'messages'>['content'], sender = ana): Promise<string> {
  const draft = store.draft();
  const message = { id: uuidv7(), seq, sender, at: seq * 1000, content };
  putMessage(draft, room, message);
  await draft.commit();
  return message.id;
}

const found = async (query: string, cursor: number, from = archive()) => {
  await from.follow({ cursor });
  return from.find(parseQuery(query), undefined, 10).lines.map((line) => line.text);
};

describe('what a search finds', () => {
  it('is what was said, as it is now, the newest first', async () => {
    const first = await put(1, text('Film at eight'));
    await put(2, text('Which film?'), ben);
    await put(3, { kind: 'edit', target: first, body: 'Film at nine' });
    expect(await found('film', 3)).toEqual(['Which film?', 'Film at nine']);
    expect(await found('eight', 3)).toEqual([]);
    expect(await found('film nine', 3)).toEqual(['Film at nine']);
    expect(await found('before:1970', 3)).toEqual([]);
  });

  it('is nothing that its author took back, and not what somebody else says of it', async () => {
    const first = await put(1, text('my PIN is 4711'));
    await put(2, { kind: 'delete', target: first, seq: 1 }, ben);
    await put(3, { kind: 'edit', target: first, body: 'mine is 1' }, ben);
    const living = archive();
    expect(await found('4711', 3, living)).toHaveLength(1);
    await put(4, { kind: 'delete', target: first, seq: 1 });
    expect(await found('4711', 4, living)).toEqual([]);
    expect(await found('4711', 4)).toEqual([]);
  });

  it('has files and links where they are asked for', async () => {
    const hash = 'A'.repeat(43);
    const unnamed = { kind: 'file', fileId: uuidv7(), commitment: hash, manifestHash: hash } as const;
    await put(1, unnamed);
    await put(2, text('see https://film.example'));
    expect(await found('has:link', 2)).toEqual(['see https://film.example']);
    expect(await found('has:file', 2)).toEqual(['']);
    await put(3, { ...unnamed, fileId: uuidv7(), name: 'Metropolis 1927.mkv' });
    expect(await found('metropolis', 3)).toEqual(['Metropolis 1927.mkv']);
    expect(await found('has:file 1927', 3)).toEqual(['Metropolis 1927.mkv']);
  });

  it('is counted beyond what is listed', async () => {
    for (let seq = 1; seq <= 30; seq++) await put(seq, text(`word ${seq}`));
    const all = archive();
    await all.follow({ cursor: 30 });
    const { lines, total } = all.find(parseQuery('word'), undefined, 5);
    expect([lines.length, total, all.size, all.since]).toEqual([5, 30, 30, 1000]);
    expect(all.find(parseQuery('word'), new Set([ben]), 5).total).toBe(0);
  });
});

describe('what is kept for the next search', () => {
  const many = stretchSize * 2 + 10;

  async function fill(): Promise<void> {
    const draft = store.draft();
    for (let seq = 1; seq <= many; seq++)
      putMessage(draft, room, { id: uuidv7(), seq, sender: ana, at: seq, content: text(`number ${seq}.`) });
    await draft.commit();
  }

  it('answers in place of the messages, and is sealed as they are', async () => {
    await fill();
    expect(await found('number', many)).toHaveLength(10);
    expect(await store.list('stretches', room)).toHaveLength(2);
    // Gone without a trace that the stretches could hear of: so it is from them that they are read.
    await store.write([{ table: 'messages', key: messageKey(room, 3), value: undefined }]);
    expect(await found('"number 3."', many)).toEqual(['number 3.']);
  });

  it('goes with a message that changes', async () => {
    await fill();
    await found('number', many);
    await put(3, { kind: 'deleted' });
    expect(await store.list('stretches', room)).toHaveLength(1);
    expect(await found('"number 3."', many)).toEqual([]);
    expect(await store.list('stretches', room)).toHaveLength(2);
  });

  it('is read again where messages between have opened after all', async () => {
    await fill();
    const living = archive();
    await put(5, { kind: 'unreadable', reason: 'no key' });
    expect(await found('late', many, living)).toEqual([]);
    await put(5, text('late 5'));
    await living.follow({ cursor: many, repairs: 1 });
    expect(living.find(parseQuery('late'), undefined, 1).total).toBe(1);
    expect(living.size).toBe(many);
  });
});
