import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { putMessage } from '../store/messages.ts';
import { keepSaidProfile } from '../store/profiles.ts';
import { type Row, Store, type Table } from '../store/store.ts';
import { buildTimeline, type TimelineInput } from './timeline.ts';

const [me, ben, room] = [uuidv7(), uuidv7(), uuidv7()];

interface Said {
  readonly name: string;
  readonly since: number;
  readonly again?: true;
}

/** Takes what Ben says of himself into the store, as it comes. */
async function hear(said: readonly Said[]): Promise<Store<Table>> {
  const store = await Store.open(uuidv7());
  for (const [i, profile] of said.entries()) {
    const content = { kind: 'profile', ...profile } as const;
    const message = { id: uuidv7(), seq: i + 1, sender: ben, at: i, content };
    const draft = store.draft();
    putMessage(draft, room, message);
    await keepSaidProfile(draft, room, me, message);
    await draft.commit();
  }
  return store;
}

/** The names of which the timeline says that Ben has them now; he came as Ben, before this person or `later`. */
async function noticed(store: Store<Table>, { later = false, last = Number.POSITIVE_INFINITY } = {}) {
  const rows = await store.list('messages', `${room}/`);
  const messages = rows.map(([, row]: readonly [string, Row<'messages'>]) => row).slice(-last);
  const came = later ? [me, ben] : [ben, me];
  const history = came.map((by, seq) => ({ seq, by, at: 0, kind: seq === 0 ? 'created' : 'joined' }));
  const items = buildTimeline({
    ...{ me, messages, history, outbox: [], sending: [], interrupted: [], complete: false, before: false },
    wasMember: () => true,
    isVerified: () => false,
    name: (userId: string) => userId,
    joinedAs: () => 'Ben',
  } as unknown as TimelineInput);
  return items.flatMap((item) =>
    item.kind === 'notice' && item.event.what === 'renamed' ? [item.event.name] : [],
  );
}

it('who takes another name is seen to, also where they claim that it is nothing new', async () => {
  const known = { name: 'Benny', since: 1 } as const;
  const store = await hear([known, { name: 'Ana', since: 2, again: true }]);
  expect((await store.get('profiles', `${room}/${ben}`))?.name).toBe('Ana');
  expect(await noticed(store)).toEqual(['Benny', 'Ana']);
  // Under the moment of what was said before, and back to the name that they came with.
  for (const name of ['Ana', 'Ben'])
    expect(await noticed(await hear([known, { name, since: 1, again: true }]), { last: 1 })).toEqual([name]);
});

it('who came later has said nothing that this person would not know', async () => {
  const store = await hear([{ name: 'Ana', since: 1, again: true }]);
  expect(await noticed(store, { later: true })).toEqual(['Ana']);
});

it('what is said once more for somebody new is no news', async () => {
  const known = { name: 'Benny', since: 1 } as const;
  expect(await noticed(await hear([known, { ...known, again: true }]))).toEqual(['Benny']);
  expect(await noticed(await hear([{ ...known, again: true }]))).toEqual([]);
});

it('who has another picture keeps their name, however far back they took it', async () => {
  const store = await hear([
    { name: 'Benny', since: 1 },
    { name: 'Benny', since: 2 },
  ]);
  expect(await noticed(store, { last: 1 })).toEqual([]);
});
