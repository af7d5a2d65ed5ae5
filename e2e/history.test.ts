// A second browser, logged in from nothing: what it finds, and what a lying service can do about it.
import { describe, expect, it, vi } from 'vitest';
import type { ChainBackup } from '../protocol/rest/index.ts';
import type { Engine, FileItem, RoomView, TimelineItem } from '../web/src/engine/index.ts';
import { Store } from '../web/src/engine/store/store.ts';
import {
  type Account,
  letIn,
  openEngine,
  register,
  texts,
  untilOnline,
  untilText,
  untilView,
} from './headless.ts';
import { engines, liar, patience, startLying, system } from './lied-to.ts';

const kept = <E extends Engine>(engine: E): E => {
  engines.push(engine);
  return engine;
};
startLying();

interface Person {
  readonly engine: Engine & { readonly account: Account };
  readonly store: string;
}
async function person(name: string): Promise<Person> {
  const store = `${name}-${crypto.randomUUID()}`;
  return { engine: kept(await register(system.url, name, store)), store };
}

/** Resolves when the service has every key that this browser wanted to back up. */
async function untilBackedUp(...people: Person[]): Promise<void> {
  for (const { store: name } of people) {
    const store = await Store.open(name);
    await vi.waitFor(async () => expect(await store.any('backups', '')).toBe(false), patience);
    store.close();
  }
}

/** Ana and Ben, who have talked in a room of Ana's. */
async function afterATalk() {
  const [ana, ben] = [await person('Ana'), await person('Ben')];
  const room = await ana.engine.createRoom('Friday film');
  await ana.engine.room(room).send('hello?');
  await letIn(ana.engine, room, ben.engine);
  await Promise.all([ana, ben].map(({ engine }) => untilOnline(engine, room)));
  const said: string[] = [];
  for (let i = 0; i < 3; i++)
    for (const { engine } of [ana, ben]) {
      const text = `${engine.account.name} ${i}`;
      await engine.room(room).send(text);
      await Promise.all([ana, ben].map((each) => untilText(each.engine, room, text)));
      said.push(text);
    }
  return { ana, ben, room, said };
}

/** A browser that knows nothing, signed in to somebody's account. */
async function newBrowser({ account }: { account: Account }, url = system.url): Promise<Engine> {
  const engine = kept(await openEngine({ url }));
  await engine.login(account);
  return engine;
}

const notices = (timeline: readonly TimelineItem[]) => timeline.filter(({ id }) => id === 'before');
const isFile = (item: TimelineItem): item is FileItem => item.kind === 'file';

describe('a second browser, logged in from nothing', () => {
  it('has everything that was said since its person came, in order, and goes on', async () => {
    const { ana, ben, room, said } = await afterATalk();
    await untilBackedUp(ana, ben);
    const [anas, bens] = [await newBrowser(ana.engine), await newBrowser(ben.engine)];
    expect(texts(await untilText(anas, room, said.at(-1)!))).toEqual(['hello?', ...said]);
    // Ana's first message is from before Ben came, and said to be.
    const whole = ({ timeline }: RoomView) => notices(timeline).length === 1 && timeline.some(isLast);
    const isLast = (item: TimelineItem) => item.kind === 'text' && item.text === said.at(-1);
    const seen = await untilView(bens, room, whole);
    expect(texts(seen)).toEqual(said);
    expect(seen.timeline.filter(({ mine, kind }) => mine && kind === 'text')).toHaveLength(3);
    expect(seen.timeline.filter(({ kind }) => kind === 'unreadable')).toEqual([]);
    expect(bens.rooms.get()[0]?.unread).toBe(0);
    await bens.room(room).send('from my phone');
    await untilText(ana.engine, room, 'from my phone');
    await ana.engine.room(room).send('to your phone');
    await untilText(bens, room, 'to your phone');
    expect(anas.room(room).view.get().warnings).toEqual([]);
  });

  it('opens the files of before', async () => {
    const { ana, ben, room } = await afterATalk();
    const content = crypto.getRandomValues(new Uint8Array(60_000));
    await ana.engine.room(room).sendFile(new File([content], 'plan.bin'));
    await untilView(ben.engine, room, ({ timeline }) => timeline.some(isFile));
    await untilBackedUp(ana, ben);
    for (const { engine } of [ana, ben]) {
      const browser = await newBrowser(engine);
      const { timeline } = await untilView(browser, room, (view) => view.timeline.some(isFile));
      const opened = await browser.room(room).openFile(timeline.find(isFile)!);
      const bytes = new Uint8Array(await (await opened.blob()).arrayBuffer());
      expect(bytes).toEqual(content);
    }
  });

  it('a third one has what was said to the second', async () => {
    const { ana, ben, room, said } = await afterATalk();
    await untilBackedUp(ben);
    const store = `phone-${crypto.randomUUID()}`;
    const phone = kept(await openEngine({ url: system.url, storeName: store }));
    await phone.login(ben.engine.account);
    await untilOnline(phone, room);
    await ben.engine.close();
    await phone.room(room).send('laptop is off');
    await untilText(ana.engine, room, 'laptop is off');
    await ana.engine.room(room).send('for the phone');
    await untilText(phone, room, 'for the phone');
    await untilBackedUp({ engine: ben.engine, store });
    const third = await newBrowser(ben.engine);
    const expected = [...said, 'laptop is off', 'for the phone'];
    expect(texts(await untilText(third, room, 'for the phone'))).toEqual(expected);
  });

  it('finds later what was backed up later', async () => {
    const { ana, ben, room, said } = await afterATalk();
    await untilBackedUp(ana, ben);
    liar.answer = ({ method, path }, reply) =>
      method === 'GET' && path.startsWith('/keys/backup') ? { items: [], next: null } : reply;
    const browser = await newBrowser(ben.engine, liar.url);
    await untilOnline(browser, room);
    const seen = await untilView(browser, room, ({ timeline }) => notices(timeline).length > 0);
    expect(texts(seen)).toEqual([]);
    expect(seen.timeline.filter(({ kind }) => kind === 'unreadable')).toEqual([]);
    // It looks again by itself: nobody says anything, and its connection stays.
    liar.repent();
    expect(texts(await untilText(browser, room, said.at(-1)!))).toEqual(said);
  });
});

describe('a service that lies about backups', () => {
  interface Reply {
    items: ChainBackup[];
    next: string | null;
  }
  const flip = (text: string) => text.slice(0, 30) + (text[30] === 'A' ? 'B' : 'A') + text.slice(31);
  const lies: [string, (items: ChainBackup[]) => ChainBackup[]][] = [
    ['altered', (items) => items.map((item) => ({ ...item, sealed: flip(item.sealed) }))],
    [
      'under the ids of others',
      (items) => items.map(({ id }, i) => ({ id, sealed: items.at(i - 1)!.sealed })),
    ],
    ['made up', (items) => items.map(({ id }) => ({ id, sealed: 'A'.repeat(200) }))],
  ];
  it.each(lies)('gets nothing believed that is %s, and it is said', async (_, lie) => {
    const { ana, ben, room } = await afterATalk();
    await untilBackedUp(ana, ben);
    liar.answer = ({ method, path }, reply) => {
      if (method !== 'GET' || !path.startsWith('/keys/backup')) return reply;
      const { items, next } = reply as Reply;
      expect(items.length).toBeGreaterThan(1);
      return { items: lie(items), next };
    };
    const browser = await newBrowser(ben.engine, liar.url);
    const seen = await untilView(
      browser,
      room,
      (view) => view.warnings.length > 0 && view.connection === 'online',
    );
    expect(texts(seen)).toEqual([]);
    expect(seen.warnings).toEqual([expect.stringMatching(/keys .* that are not yours/)]);
    await browser.room(room).send('I am new here');
    await untilText(ana.engine, room, 'I am new here');
    // It is given keys as soon as Ana's browser has read that it is there.
    await vi.waitFor(async () => {
      await ana.engine.room(room).send('welcome');
      expect(texts(browser.room(room).view.get())).toContain('welcome');
    }, patience);
    expect(texts(browser.room(room).view.get()).slice(0, 2)).toEqual(['I am new here', 'welcome']);
  });

  it("gets nothing believed that is another room's", async () => {
    const { ana, ben, room } = await afterATalk();
    const other = await ana.engine.createRoom('Elsewhere');
    await letIn(ana.engine, other, ben.engine);
    await ana.engine.room(other).send('elsewhere');
    await untilText(ben.engine, other, 'elsewhere');
    await untilBackedUp(ana, ben);
    let ofOther: unknown;
    liar.answer = ({ method, path }, reply) => {
      if (method !== 'GET' || !path.startsWith('/keys/backup')) return reply;
      if (path.includes(other)) ofOther = reply;
      return path.includes(room) ? ofOther : reply;
    };
    const browser = await newBrowser(ben.engine, liar.url);
    await untilText(browser, other, 'elsewhere');
    const seen = await untilView(browser, room, ({ warnings }) => warnings.length > 0);
    expect(texts(seen)).toEqual([]);
    expect(browser.room(other).view.get().warnings).toEqual([]);
  });

  it('can withhold them: the rest opens', async () => {
    const { ana, ben, room } = await afterATalk();
    await untilBackedUp(ana, ben);
    liar.answer = ({ method, path }, reply) => {
      if (method !== 'GET' || !path.startsWith('/keys/backup')) return reply;
      return { items: (reply as Reply).items.slice(1), next: null };
    };
    const browser = await newBrowser(ben.engine, liar.url);
    const seen = await untilView(browser, room, (view) => texts(view).length === 3);
    expect(new Set(texts(seen).map((text) => text.split(' ')[0])).size).toBe(1);
    expect(seen.timeline.filter(({ kind }) => kind === 'unreadable')).toEqual([]);
    expect(seen.warnings).toEqual([]);
  });
});
