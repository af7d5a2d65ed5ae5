import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { Store } from '../store/store.ts';
import { RoomDraft } from './draft.ts';

const room = uuidv7();
const id = uuidv7();

it('a change of a message that was begun outlives the page, beside the draft', async () => {
  const { draft, reopened } = await kept();
  await draft.keep('popcorn, then');
  await draft.begin({ kind: 'edit', id, seq: 7, text: 'At eight' });
  const again = await reopened();
  expect(again.begun).toEqual({ kind: 'edit', id, seq: 7, text: 'At eight' });
  expect(again.text).toBe('popcorn, then');
  await again.begin(undefined);
  const last = await reopened();
  expect(last.begun).toBeUndefined();
  expect(last.text).toBe('popcorn, then');
});

it('so does what a draft answers, and it goes with it', async () => {
  const { draft, reopened } = await kept();
  await draft.begin({ kind: 'reply', id });
  await draft.keep('Metropolis!');
  expect((await reopened()).begun).toEqual({ kind: 'reply', id });
  await draft.keep('');
  await draft.begin(undefined);
  const again = await reopened();
  expect([again.text, again.begun]).toEqual(['', undefined]);
});

it('what another tab has begun is left alone by what is answered or changed here', async () => {
  const { draft: here, reopened } = await kept();
  const there = await reopened();
  await there.keep('All that I have to say of popcorn');
  await here.begin({ kind: 'reply', id });
  await here.begin({ kind: 'edit', id, text: 'At nine' });
  await there.keep('All that I have to say of popcorn, and of films');
  const again = await reopened();
  expect(again.text).toBe('All that I have to say of popcorn, and of films');
  expect(again.begun).toEqual({ kind: 'edit', id, text: 'At nine' });
});

/** A draft, and as it is to who opens the app again. */
async function kept() {
  const store = (await Store.open(`draft-${uuidv7()}`)) as Store;
  const make = () => new RoomDraft({ store: () => store, room, onKept: () => {} });
  const reopened = async () => {
    const draft = make();
    await draft.open();
    return draft;
  };
  return { draft: make(), reopened };
}
