import { describe, expect, it } from 'vitest';
import type { Engine } from '../web/src/engine/index.ts';
import {
  idOf,
  letIn,
  openEngine,
  register,
  texts,
  twoInARoom,
  untilKnown,
  untilOnline,
  untilText,
  untilView,
} from './headless.ts';
import { startSystem, system } from './started.ts';

startSystem({ web: false });

const pair = () => twoInARoom({ ana: system.url, ben: system.url });
const closeAll = (...engines: Engine[]) => Promise.all(engines.map((engine) => engine.close()));

describe('a room', () => {
  it('carries messages both ways, in one order for all', async () => {
    const { ana, ben, room } = await pair();
    for (let i = 0; i < 10; i++) {
      await ana.room(room).send(`ana ${i}`);
      await ben.room(room).send(`ben ${i}`);
    }
    const complete = (engine: Engine) => untilView(engine, room, (view) => texts(view).length === 20);
    const [seenByAna, seenByBen] = await Promise.all([complete(ana), complete(ben)]);
    expect(texts(seenByAna)).toEqual(texts(seenByBen));
    for (const who of ['ana', 'ben'])
      expect(texts(seenByBen).filter((text) => text.startsWith(who))).toEqual(
        [...Array(10)].map((_, i) => `${who} ${i}`),
      );
    expect(seenByBen.members.map(({ name, role }) => [name, role])).toEqual([
      ['Ana', 'owner'],
      ['Ben', 'member'],
    ]);
    await closeAll(ana, ben);
  });

  it('refuses a text that is too long, and goes on', async () => {
    const { ana, ben, room } = await pair();
    await expect(ana.room(room).send('x'.repeat(16_001))).rejects.toMatchObject({ reason: 'too-long' });
    await ana.room(room).send('shorter');
    expect(texts(await untilText(ben, room, 'shorter'))).toEqual(['shorter']);
    await closeAll(ana, ben);
  });

  it('shows an invitation before one joins, and lets one in only with the whole link', async () => {
    const ana = await register(system.url, 'Ana');
    const ben = await register(system.url, 'Ben');
    const room = await ana.createRoom('Only by link');
    const link = await ana.room(room).invite();
    expect(await ben.readInvite(link)).toMatchObject({
      roomName: 'Only by link',
      invitedBy: 'Ana',
      members: 1,
      alreadyMember: false,
    });
    const altered = link.slice(0, -4) + (link.endsWith('AAAA') ? 'BBBB' : 'AAAA');
    await expect(ben.join(altered)).rejects.toMatchObject({ reason: 'invite-invalid' });
    expect(await ben.join(link)).toBe(room);
    expect(await ben.join(link)).toBe(room);
    await closeAll(ana, ben);
  });

  it('an invitation for one lets in exactly one of five who come at once', async () => {
    const ana = await register(system.url, 'Ana');
    const room = await ana.createRoom('One seat');
    const link = await ana.room(room).invite({ uses: 1 });
    const crowd = await Promise.all([...Array(5)].map((_, i) => register(system.url, `Guest${i}`)));
    const outcomes = await Promise.allSettled(crowd.map((guest) => guest.join(link)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const reasons = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason.reason] : [],
    );
    expect(reasons).toEqual(Array(4).fill('invite-invalid'));
    await closeAll(ana, ...crowd);
  });

  it('who was removed is out at once, reads nothing new, and does not come back by the old link', async () => {
    const { ana, ben, room, link } = await pair();
    await ben.room(room).send('before');
    await untilText(ana, room, 'before');
    await ana.room(room).remove(idOf(ben));
    await untilView(ben, room, (view) => view.gone === 'removed');
    await ana.room(room).send('after');
    await untilText(ana, room, 'after');
    await expect(ben.room(room).send('still here?')).rejects.toMatchObject({ reason: 'gone' });
    expect(texts(ben.room(room).view.get())).toEqual(['before']);
    await expect(ben.join(link)).rejects.toMatchObject({ reason: 'invite-invalid' });
    await closeAll(ana, ben);
  });

  it('who left and was invited again finds what was said before, and nothing from between', async () => {
    const { ana, ben, room, link } = await pair();
    await ana.room(room).send('together');
    await untilText(ben, room, 'together');
    await ben.room(room).leave();
    await ana.room(room).send('behind his back');
    await untilText(ana, room, 'behind his back');
    await ben.join(link);
    await Promise.all([untilKnown(ana, room, ben), untilOnline(ben, room)]);
    await ana.room(room).send('welcome back');
    expect(texts(await untilText(ben, room, 'welcome back'))).toEqual(['together', 'welcome back']);
    await closeAll(ana, ben);
  });
});

describe('one person, several places', () => {
  it('two tabs are one device: both show everything once, and either may send', async () => {
    const store = `tabs-${crypto.randomUUID()}`;
    const first = await register(system.url, 'Ana', store);
    const ben = await register(system.url, 'Ben');
    const room = await first.createRoom('Tabs');
    await letIn(first, room, ben);
    const second = await openEngine({ url: system.url, storeName: store });
    await Promise.all([untilOnline(first, room), untilOnline(second, room), untilOnline(ben, room)]);
    await Promise.all([
      first.room(room).send('from the first'),
      second.room(room).send('from the second'),
      ben.room(room).send('from Ben'),
    ]);
    const complete = (engine: Engine) => untilView(engine, room, (view) => texts(view).length === 3);
    const views = await Promise.all([first, second, ben].map(complete));
    expect(texts(views[1]!)).toEqual(texts(views[0]!));
    expect(texts(views[2]!)).toEqual(texts(views[0]!));
    await closeAll(first, second, ben);
  });

  it('a second device has the rooms, and reads and writes from then on', async () => {
    const { ana, ben, room } = await pair();
    // Everybody's devices have been looked up before the new one comes.
    await ana.room(room).send('before the phone');
    await ben.room(room).send('I heard');
    await untilText(ana, room, 'I heard');
    const phone = await openEngine({ url: system.url });
    await phone.login(ana.account);
    expect(phone.rooms.get().map(({ name }) => name)).toEqual(['Friday film']);
    await untilOnline(phone, room);
    await phone.room(room).send('from my phone');
    await untilText(ben, room, 'from my phone');
    await untilText(ana, room, 'from my phone');
    await ben.room(room).send('hello phone');
    await untilText(phone, room, 'hello phone');
    await ana.room(room).send('hello from the laptop');
    await untilText(phone, room, 'hello from the laptop');
    await closeAll(ana, ben, phone);
  });

  it('a wrong password opens nothing and says so', async () => {
    const ana = await register(system.url, 'Ana');
    const stranger = await openEngine({ url: system.url });
    await expect(stranger.login({ ...ana.account, password: 'guessed' })).rejects.toMatchObject({
      reason: 'wrong-credentials',
    });
    expect(stranger.session.get().kind).toBe('signed-out');
    await closeAll(ana, stranger);
  });
});

describe('nothing is lost', () => {
  it('what was said while one was away arrives in order, once', async () => {
    const store = `away-${crypto.randomUUID()}`;
    const ana = await register(system.url, 'Ana');
    const ben = await register(system.url, 'Ben', store);
    const room = await ana.createRoom('Away');
    await letIn(ana, room, ben);
    await untilOnline(ben, room);
    await ana.room(room).send('one');
    await untilText(ben, room, 'one');
    await ben.close();
    for (const text of ['two', 'three', 'four']) await ana.room(room).send(text);
    await untilText(ana, room, 'four');
    const back = await openEngine({ url: system.url, storeName: store });
    expect(texts(await untilText(back, room, 'four'))).toEqual(['one', 'two', 'three', 'four']);
    await closeAll(ana, back);
  });

  it('older history comes page by page, each message once however often it is asked for', async () => {
    const store = `older-${crypto.randomUUID()}`;
    const ana = await register(system.url, 'Ana', store);
    const room = await ana.createRoom('Diary');
    const said = [...Array(120)].map((_, i) => `day ${i}`);
    for (const text of said) await ana.room(room).send(text);
    await untilView(ana, room, (view) => texts(view).length === said.length);
    await ana.close();
    const back = await openEngine({ url: system.url, storeName: store });
    expect(texts(back.room(room).view.get())).toEqual(said.slice(20));
    await Promise.all([back.room(room).loadOlder(), back.room(room).loadOlder()]);
    expect(texts(back.room(room).view.get())).toEqual(said);
    await closeAll(back);
  });

  it('a message written without a connection is kept over a reload and goes out later', async () => {
    const store = `offline-${crypto.randomUUID()}`;
    const ana = await register(system.url, 'Ana', store);
    const ben = await register(system.url, 'Ben');
    const room = await ana.createRoom('Offline');
    await letIn(ana, room, ben);
    await ana.close();
    await system.stop();
    const offline = await openEngine({ url: system.url, storeName: store });
    await offline.room(room).send('written in the dark');
    expect(offline.room(room).view.get().timeline.at(-1)).toMatchObject({ kind: 'text', state: 'waiting' });
    await offline.close();
    await system.restart();
    const later = await openEngine({ url: system.url, storeName: store });
    expect(texts(await untilText(ben, room, 'written in the dark'))).toEqual(['written in the dark']);
    await closeAll(later, ben);
  });

  it('the last owner hands the room over and leaves; the new owner carries on', async () => {
    const { ana, ben, room } = await pair();
    await expect(ben.room(room).setRole(idOf(ben), 'owner')).rejects.toThrow();
    await expect(ana.room(room).leave()).rejects.toThrow();
    await ana.room(room).setRole(idOf(ben), 'owner');
    await untilView(ben, room, ({ role }) => role === 'owner');
    await ana.room(room).leave();
    await untilView(ben, room, ({ members }) => members.length === 1);
    expect(ben.room(room).view.get()).toMatchObject({ role: 'owner', warnings: [] });
    await ben.room(room).invite();
    await closeAll(ana, ben);
  });

  it('a link that somebody ended lets nobody in; the others go on', async () => {
    const { ana, ben, room } = await pair();
    const kept = await ana.room(room).invite({ uses: 3 });
    const ended = await ana.room(room).invite();
    const open = ana.room(room).invites();
    expect(open).toHaveLength(3);
    expect(open.slice(0, 2)).toMatchObject([
      { link: ended, mine: true, by: 'Ana', usesLeft: 20 },
      { link: kept, usesLeft: 3 },
    ]);
    await untilView(ben, room, () => ben.room(room).invites().length === 3);
    // Ben holds the roster, not the secrets of the links.
    expect(
      ben
        .room(room)
        .invites()
        .every(({ link }) => link === undefined),
    ).toBe(true);
    await expect(ben.room(room).revokeInvite(open[1]!.key)).rejects.toThrow();
    await ana.room(room).revokeInvite(open[0]!.key);
    expect(
      ana
        .room(room)
        .invites()
        .map(({ link }) => link),
    ).not.toContain(ended);
    const carla = await register(system.url, 'Carla');
    await expect(carla.join(ended)).rejects.toThrow();
    expect(await carla.join(kept)).toBe(room);
    await untilView(ana, room, ({ members }) => members.length === 3);
    expect(
      ana
        .room(room)
        .invites()
        .find(({ link }) => link === kept),
    ).toMatchObject({ usesLeft: 2 });
    await closeAll(ana, ben, carla);
  });

  it('a restart, and a power cut, between two messages', async () => {
    const { ana, ben, room } = await pair();
    await ana.room(room).send('first');
    await untilText(ben, room, 'first');
    await system.restart();
    await ben.room(room).send('second');
    await untilText(ana, room, 'second');
    await system.crash();
    await ana.room(room).send('third');
    for (const engine of [ana, ben])
      expect(texts(await untilText(engine, room, 'third'))).toEqual(['first', 'second', 'third']);
    await closeAll(ana, ben);
  });
});
