// In a browser: as many messages as somebody has after years, sealed in the store, and how long a search of them takes.
import MiniSearch from 'minisearch';
import { RoomArchive } from '../web/src/engine/search/archive.ts';
import { parseQuery } from '../web/src/engine/search/query.ts';
import { createLocks } from '../web/src/engine/store/locks.ts';
import { putMessage } from '../web/src/engine/store/messages.ts';
import { Store, type Table } from '../web/src/engine/store/store.ts';

const name = 'bench-search';
const room = '01931b1e-7d3b-7000-8000-000000000000';
const sender = '01931b1e-7d3b-7000-8000-000000000001';
const listed = 50;

/** Numbers that look random and are the same in every run. */
let seed = 1;
const next = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};
const letters = 'etaoinshrdlucmfwypvbgkjqxz';
const vocabulary = Array.from({ length: 20_000 }, () =>
  Array.from({ length: 2 + Math.floor(next() * 9) }, () => letters[Math.floor(next() ** 2 * 26)]).join(''),
);
/** Few words are said often, many seldom. */
const word = () => vocabulary[Math.floor(next() ** 3 * vocabulary.length)]!;

let store: Store<Table>;
let archive: RoomArchive;
let cursor = 0;
const said: { id: string; text: string }[] = [];

const now = async (task: () => unknown): Promise<number> => {
  const began = performance.now();
  await task();
  return performance.now() - began;
};

/** Puts `messages` texts of 1 to 25 words into the store. */
async function fill(messages: number): Promise<void> {
  store = await Store.open(name);
  while (cursor < messages) {
    const draft = store.draft();
    for (const end = Math.min(messages, cursor + 2_000); cursor < end; ) {
      const text = Array.from({ length: 1 + Math.floor(next() * 25) }, word).join(' ');
      const seq = ++cursor;
      const id = `01931b1e-7d3b-7000-8000-${String(seq).padStart(12, '0')}`;
      said.push({ id, text });
      putMessage(draft, room, { id, seq, sender, at: seq * 1000, content: { kind: 'text', body: text } });
    }
    await draft.commit('relaxed');
  }
}

/** Milliseconds until all of it can be searched: as on the first time, or from what that has gathered. */
function open(): Promise<number> {
  archive = new RoomArchive({ store: () => store, locks: createLocks(name), room });
  return now(() => archive.follow({ cursor }));
}

/** What people look for, from what everything has to what nothing has. */
const queries = () => [
  'e',
  vocabulary[10]!,
  vocabulary[9_000]!,
  `${vocabulary[3]} ${vocabulary[500]}`,
  'zzzzzz',
];

/** Milliseconds for each query, the middle of nine; and how many were found. */
async function ask(): Promise<{ times: number[]; found: number[] }> {
  const [times, found]: [number[], number[]] = [[], []];
  for (const text of queries()) {
    const query = parseQuery(text);
    found.push(archive.find(query, undefined, listed).total);
    times.push(await middle(() => archive.find(query, undefined, listed)));
  }
  return { times, found };
}

/** The same by an inverted index that is made of the same texts. */
async function askIndex(): Promise<{ built: number; times: number[] }> {
  const index = new MiniSearch<{ id: string; text: string }>({ fields: ['text'] });
  const built = await now(() => index.addAll(said));
  const times: number[] = [];
  for (const text of queries())
    times.push(await middle(() => index.search(text, { prefix: true, combineWith: 'AND' }).slice(0, listed)));
  return { built, times };
}

async function middle(task: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 9; i++) times.push(await now(task));
  return times.sort((a, b) => a - b)[4]!;
}

Object.assign(globalThis, { fill, open, ask, askIndex });
