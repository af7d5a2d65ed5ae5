// In a browser: 20 rooms of 5 000 messages each, in the app's own sealed store, and a search through all of them.
import { uuidv7 } from 'uuidv7';
import { Search } from '../../web/src/engine/search/search.ts';
import { createLocks } from '../../web/src/engine/store/locks.ts';
import { putMessage } from '../../web/src/engine/store/messages.ts';
import { type Row, Store, type Table } from '../../web/src/engine/store/store.ts';

const words =
  'film popcorn eight evening ticket late train holiday dinner garden picture song light street house river'.split(
    ' ',
  );
const asked = ['popcorn', 'late train', 'gar', 'nothing of the kind', 'film at eight', 'river house'];

/** Words that look random and are the same each time. */
function sentence(seed: number): string {
  let state = seed * 2_654_435_761 + 1;
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648);
  return Array.from({ length: 4 + (next() % 12) }, () => words[next() % words.length]).join(' ');
}

let search: Search;

/** Fills a fresh store. */
async function fill(rooms: number, each: number): Promise<void> {
  const name = uuidv7();
  const store: Store<Table> = await Store.open(name);
  const people = Array.from({ length: 5 }, () => uuidv7());
  const ids = Array.from({ length: rooms }, () => uuidv7());
  for (const [i, room] of ids.entries()) {
    let draft = store.draft();
    for (let seq = 1; seq <= each; seq++) {
      const content = { kind: 'text', body: sentence(i * each + seq) } as const;
      putMessage(draft, room, { id: uuidv7(), seq, sender: people[seq % 5]!, at: seq * 60_000, content });
      if (seq % 1000 === 0 || seq === each) {
        await draft.commit();
        draft = store.draft();
      }
    }
  }
  search = new Search({
    store: () => store,
    locks: createLocks(name),
    me: people[0]!,
    rooms: () =>
      ids.map((id, i) => ({
        row: { id, name: `Room ${i}`, cursor: each } as Row<'rooms'>,
        name: (user) => user,
      })),
  });
}

/** Milliseconds of the first search, which reads all, and of each of those after it. */
async function find(): Promise<{ first: number; times: number[]; searched: number }> {
  const time = async (text: string) => {
    const began = performance.now();
    const { searched } = await search.find(text, 50);
    return { took: performance.now() - began, searched };
  };
  const first = await time('song');
  const times: number[] = [];
  for (let i = 0; i < 5; i++) for (const text of asked) times.push((await time(text)).took);
  return { first: first.took, times, searched: first.searched };
}

Object.assign(globalThis, { fill, find });
