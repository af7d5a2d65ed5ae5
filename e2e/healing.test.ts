import { afterEach, expect, it, vi } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import { type Draft, Store } from '../web/src/engine/store/store.ts';
import { idOf, letIn, openEngine, register, untilOnline, untilText, untilView } from './headless.ts';
import { closeLater, startSystem, system } from './started.ts';

startSystem({ web: false });
afterEach(() => vi.useRealTimers());

/** Somebody whose browser can be closed, damaged and opened again. */
class Person {
  readonly #storeName = `heal-${crypto.randomUUID()}`;
  engine!: Engine;
  id = '';

  async register(name: string): Promise<this> {
    this.engine = closeLater(await register(system.url, name, this.#storeName));
    this.id = idOf(this.engine);
    return this;
  }

  /** The browser's sessions, as somebody may have copied them. */
  async sessions() {
    await this.engine.close();
    const store = await Store.open(this.#storeName);
    const rows = await store.list('sessions');
    store.close();
    await this.#reopen();
    return rows;
  }

  /** Changes what the closed browser has stored, and opens it again. */
  async damage(room: string, change: (draft: Draft) => void): Promise<void> {
    await this.engine.close();
    const store = await Store.open(this.#storeName);
    const draft = store.draft();
    change(draft);
    await draft.commit();
    store.close();
    await this.#reopen();
    await untilOnline(this.engine, room);
  }

  async #reopen(): Promise<void> {
    this.engine = closeLater(await openEngine({ url: system.url, storeName: this.#storeName }));
  }

  say(room: string, text: string): Promise<void> {
    return this.engine.room(room).send(text);
  }

  hears = (room: string, text: string) => untilText(this.engine, room, text);
}

async function acquainted() {
  const [ana, ben] = [await new Person().register('Ana'), await new Person().register('Ben')];
  const room = await ana.engine.createRoom('Old friends');
  await letIn(ana.engine, room, ben.engine);
  await Promise.all([untilOnline(ana.engine, room), untilOnline(ben.engine, room)]);
  await ana.say(room, 'hello Ben');
  await ben.hears(room, 'hello Ben');
  await ben.say(room, 'hello Ana');
  await ana.hears(room, 'hello Ana');
  return { ana, ben, room };
}

it('a browser that lost its session asks for the key, and reads what it had missed', async () => {
  const { ana, ben, room } = await acquainted();
  await ben.damage(room, (draft) => draft.delete('sessions', `${ana.id}:1`));
  // A new chain: its key goes by the session that Ben does not have any more.
  await ana.damage(room, (draft) => draft.delete('ownChains', room));
  await ana.say(room, 'can you read this?');
  await ben.hears(room, 'can you read this?');
  await ben.say(room, 'now I can');
  await ana.hears(room, 'now I can');
  await ana.say(room, 'and this');
  await ben.hears(room, 'and this');
});

it('both sides may have lost theirs', async () => {
  const { ana, ben, room } = await acquainted();
  await ben.damage(room, (draft) => draft.delete('sessions', `${ana.id}:1`));
  await ana.damage(room, (draft) => {
    draft.delete('sessions', `${ben.id}:1`);
    draft.delete('ownChains', room);
  });
  await ana.say(room, 'from the other side');
  await ben.hears(room, 'from the other side');
  await ben.say(room, 'and back');
  await ana.hears(room, 'and back');
});

it('a browser that was restored from an old copy finds its way back', async () => {
  const { ana, ben, room } = await acquainted();
  const old = await ben.sessions();
  // The session moves on, with steps of its ratchet on both sides.
  for (let round = 0; round < 2; round++) {
    await ana.damage(room, (draft) => draft.delete('ownChains', room));
    await ana.say(room, `ana moves on ${round}`);
    await ben.hears(room, `ana moves on ${round}`);
    await ben.damage(room, (draft) => draft.delete('ownChains', room));
    await ben.say(room, `ben moves on ${round}`);
    await ana.hears(room, `ben moves on ${round}`);
  }
  await ben.damage(room, (draft) => {
    for (const [address, row] of old) draft.put('sessions', address, row);
  });
  await ana.damage(room, (draft) => draft.delete('ownChains', room));
  await ana.say(room, 'do you still hear me?');
  await ben.hears(room, 'do you still hear me?');
  await ben.say(room, 'I do');
  await ana.hears(room, 'I do');
});

it('two browsers that break again and again do not talk each other to death; later they try once more', async () => {
  const { ana, ben, room } = await acquainted();
  const breakBoth = async () => {
    await ben.damage(room, (draft) => draft.delete('sessions', `${ana.id}:1`));
    await ana.damage(room, (draft) => draft.delete('ownChains', room));
  };
  await breakBoth();
  await ana.say(room, 'once');
  await ben.hears(room, 'once');
  await breakBoth();
  await ana.say(room, 'twice');
  const unreadable = await untilView(
    ben.engine,
    room,
    ({ timeline }) => timeline.at(-1)?.kind === 'unreadable',
  );
  await ana.say(room, 'three times');
  const next = await untilView(
    ben.engine,
    room,
    ({ timeline }) => timeline.length > unreadable.timeline.length,
  );
  // Nobody said anything between the two.
  expect(next.timeline.at(-1)!.seq! - unreadable.timeline.at(-1)!.seq!).toBe(1);

  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 });
  await ana.say(room, 'four times');
  for (const text of ['twice', 'three times', 'four times']) await ben.hears(room, text);
});
