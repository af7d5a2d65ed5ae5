// Lines that fail at the worst moment, and tabs that do everything at once: nothing is lost, twice, or sealed by one key twice.
import { describe, expect, it, vi } from 'vitest';
import { readSenderKeyMessage } from '../crypto/signal/index.ts';
import { fromBase64 } from '../protocol/bytes.ts';
import { problem } from '../protocol/problem.ts';
import { readEntry } from '../protocol/roster.ts';
import type { ClientFrame } from '../protocol/socket.ts';
import { until } from '../web/src/engine/index.ts';
import { Store } from '../web/src/engine/store/store.ts';
import { idOf, letIn, openEngine, texts, untilOnline, untilText, untilView } from './headless.ts';
import { engines, item, liar, pair, patience, person, sends, startLying } from './lied-to.ts';

startLying();

describe('lines that fail at the worst moment', () => {
  /** No message key has served two different ciphertexts. */
  const expectNoKeyTwice = (frames: readonly ClientFrame[]) => {
    const boxes = new Map<string, string>();
    for (const { box, recipient } of sends(frames)) {
      if (recipient !== undefined) continue;
      const { distributionId, chainId, iteration } = readSenderKeyMessage(fromBase64(box));
      const key = `${distributionId}/${chainId}/${iteration}`;
      expect(boxes.get(key) ?? box).toBe(box);
      boxes.set(key, box);
    }
  };
  const outboxOf = async (storeName: string) => {
    const store = await Store.open(storeName);
    const rows = await store.list('outbox');
    store.close();
    return rows.map(([, row]) => row);
  };
  const rosterOf = async (storeName: string, room: string) => {
    const store = await Store.open(storeName);
    const row = await store.get('rooms', room);
    store.close();
    return row!.roster.map(readEntry);
  };

  it('killed between sealing and sending: the same bytes go out later, once', async () => {
    const store = `killed-${crypto.randomUUID()}`;
    const { ana, ben, room } = await pair({ ana: liar.url, store });
    liar.cut();
    for (const text of ['one', 'two', 'three']) await ana.room(room).send(text);
    await vi.waitFor(async () => expect((await outboxOf(store))[0]?.frames).toBeDefined(), patience);
    const sealed = (await outboxOf(store))[0]!.frames!;
    await ana.close();
    expect(sends(liar.sent)).toEqual([]);
    liar.mend();
    const later = await openEngine({ url: liar.url, storeName: store });
    engines.push(later);
    expect(texts(await untilText(ben, room, 'three'))).toEqual(['one', 'two', 'three']);
    const sent = sends(liar.sent);
    expect(sent.slice(0, sealed.length)).toEqual(sealed.map((frame) => ({ t: 'send', ...frame })));
    expectNoKeyTwice(liar.sent);
  });

  it('frames that vanish with their socket are sent again as they were', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    await ana.room(room).send('zero');
    await untilText(ben, room, 'zero');
    let swallowed = 0;
    const vanished = Promise.withResolvers<void>();
    liar.toSystem = (frame) => {
      if (frame.t !== 'send') return [frame];
      if (++swallowed === 3) vanished.resolve();
      return [];
    };
    for (const text of ['one', 'two', 'three']) await ana.room(room).send(text);
    await vanished.promise;
    liar.repent();
    liar.cut();
    liar.mend();
    expect(texts(await untilText(ben, room, 'three'))).toEqual(['zero', 'one', 'two', 'three']);
    expectNoKeyTwice(liar.sent);
  });

  it('accepted, but the answer is lost: it stands there once', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    liar.toClient = (frame) => (frame.t === 'ack' || frame.t === 'message' ? [] : [frame]);
    liar.toSystem = (frame, answer) => {
      // Only the keys are acknowledged.
      if (frame.t === 'send' && frame.recipient) answer({ t: 'ack', id: frame.id, seq: 1, at: 1 });
      return [frame];
    };
    await ana.room(room).send('once');
    await untilText(ben, room, 'once');
    liar.repent();
    liar.cut();
    liar.mend();
    expect(texts(await untilText(ana, room, 'once'))).toEqual(['once']);
    await ana.room(room).send('and on');
    expect(texts(await untilText(ben, room, 'and on'))).toEqual(['once', 'and on']);
  });

  it('a key that the room refuses for haste is not overtaken by what it opens', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    let refused = false;
    liar.toSystem = (frame, answer) => {
      if (frame.t !== 'send' || !frame.recipient || refused) return [frame];
      refused = true;
      answer({ t: 'nack', id: frame.id, problem: problem('rate-limited', undefined, { retryAfter: 1 }) });
      return [];
    };
    for (const text of ['one', 'two']) await ana.room(room).send(text);
    expect(texts(await untilText(ben, room, 'two'))).toEqual(['one', 'two']);
  });

  it('a new line in the middle of sending starts from the first that waits', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const carla = await person('Carla');
    // The first message vanishes with its socket, while the second waits for the keys of somebody new.
    liar.toSystem = (frame) => (frame.t === 'send' && !frame.recipient ? [] : [frame]);
    await ana.room(room).send('one');
    await vi.waitFor(() => expect(sends(liar.sent).some(({ recipient }) => !recipient)).toBe(true), patience);
    liar.answer = async ({ path }, reply) => {
      if (!path.startsWith(`/users/${idOf(carla)}/bundles`)) return reply;
      asked.resolve();
      await answered.promise;
      return reply;
    };
    await letIn(ana, room, carla);
    await ana.room(room).send('two');
    await asked.promise;
    liar.cut();
    await untilView(ana, room, ({ connection }) => connection === 'offline');
    liar.toSystem = (frame) => [frame];
    liar.mend();
    await untilOnline(ana, room);
    answered.resolve();
    expect(texts(await untilText(ben, room, 'two'))).toEqual(['one', 'two']);
  });

  it('a message given up does not take the keys of those behind it along', async () => {
    const store = `given-up-${crypto.randomUUID()}`;
    const { ana, ben, room } = await pair({ ana: liar.url, store });
    liar.cut();
    await ana.room(room).send('never mind');
    await vi.waitFor(async () => expect((await outboxOf(store))[0]?.frames).toBeDefined(), patience);
    const waiting = await item(ana, room, ({ kind }) => kind === 'text');
    await ana.room(room).discard(waiting.id);
    await ana.room(room).send('this one');
    liar.mend();
    expect(texts(await untilText(ben, room, 'this one'))).toEqual(['this one']);
    expectNoKeyTwice(liar.sent);
  });

  it('letting somebody in can be done again, whichever answer was lost, in another tab, and makes one invitation', async () => {
    const store = `lets-in-${crypto.randomUUID()}`;
    const ana = await person('Ana', liar.url, store);
    const room = await ana.createRoom('Book club');
    const link = await ana.room(room).askingLink(24);
    const tab = await openEngine({ url: liar.url, storeName: store });
    engines.push(tab);
    for (const lost of ['PATCH', 'PUT']) {
      const ben = await person('Ben');
      expect(await ben.ask(link)).toBe('waiting');
      for (const each of [ana, tab]) await untilView(each, room, ({ requests }) => requests.length === 1);
      liar.toClient = (frame) => (frame.t === 'roster' || frame.t === 'requests' ? [] : [frame]);
      liar.answer = ({ method }, reply) => {
        if (method === lost) throw new Error('lost');
        return reply;
      };
      await expect(ana.room(room).letIn(idOf(ben))).rejects.toMatchObject({ reason: 'network' });
      liar.repent();
      await tab.room(room).letIn(idOf(ben));
      await untilView(tab, room, ({ requests }) => requests.length === 0);
      await ana.room(room).letIn(idOf(ben));
      await ben.join(link);
      const { members } = await untilView(ana, room, (view) =>
        view.members.some(({ id }) => id === idOf(ben)),
      );
      expect(ana.room(room).invites()).toEqual([]);
      // The store has it a moment after the screen.
      const kinds = async () => (await rosterOf(store, room)).map(({ kind }) => kind);
      const rounds = Array.from({ length: members.length - 1 }, () => ['invite', 'joined']);
      await expect.poll(kinds, patience).toEqual(['created', ...rounds.flat()]);
    }
  });

  it('a change of the member list whose answer was lost can be made again, and stands there once', async () => {
    const store = `changes-${crypto.randomUUID()}`;
    const { ana, ben, room } = await pair({ ana: liar.url, ben: liar.url, store });
    const twice = async (change: () => Promise<void>) => {
      liar.toClient = (frame) => (frame.t === 'roster' || frame.t === 'gone' ? [] : [frame]);
      liar.answer = ({ method, path }, reply) => {
        if (method !== 'GET' && path.startsWith(`/chatrooms/${room}`)) throw new Error('lost');
        return reply;
      };
      await expect(change()).rejects.toMatchObject({ reason: 'network' });
      liar.repent();
      await change();
    };
    await twice(() => ana.room(room).setRole(idOf(ben), 'admin'));
    await twice(() => ana.room(room).remove(idOf(ben)));
    await untilView(ben, room, ({ gone }) => gone !== undefined);
    await ben.join(await ana.room(room).invite());
    await twice(() => ben.room(room).leave());
    // Ana was not told either: she hears of it with her next connection.
    liar.cut();
    liar.mend();
    await untilView(ana, room, ({ members }) => members.length === 1);
    const kinds = async () => (await rosterOf(store, room)).map(({ kind }) => kind);
    await expect
      .poll(kinds, patience)
      .toEqual(['created', 'invite', 'joined', 'role', 'removed', 'invite', 'joined', 'left']);
  });

  it('of two who let somebody in at once, one is told that it is done, and nothing of theirs stays open', async () => {
    const { ana, ben, room } = await pair({ ana: liar.url });
    await ana.room(room).setRole(idOf(ben), 'admin');
    await untilView(ben, room, ({ members }) => members.some(({ isMe, role }) => isMe && role === 'admin'));
    const link = await ana.room(room).askingLink(24);
    const carla = await person('Carla');
    expect(await carla.ask(link)).toBe('waiting');
    for (const each of [ana, ben]) await untilView(each, room, ({ requests }) => requests.length === 1);
    const open = ana.room(room).invites().length;
    liar.answer = async ({ method }, reply) => {
      if (method === 'PATCH') await ben.room(room).letIn(idOf(carla));
      return reply;
    };
    await expect(ana.room(room).letIn(idOf(carla))).rejects.toMatchObject({ reason: 'request-over' });
    liar.repent();
    await carla.join(link);
    await untilView(ana, room, ({ members }) => members.length === 3);
    expect(ana.room(room).invites()).toHaveLength(open);
  });

  it('a registration whose answer is lost leaves no keys behind that nobody has', async () => {
    let lost = false;
    liar.answer = ({ path }, reply) => {
      if (lost || path !== '/keys/device') return reply;
      lost = true;
      throw new Error('lost');
    };
    const ana = await openEngine({ url: liar.url });
    engines.push(ana);
    const account = { email: `ana-${crypto.randomUUID()}@example.org`, password: 'horse', name: 'Ana' };
    await expect(ana.register(account)).rejects.toMatchObject({ reason: 'network' });
    await ana.register(account);
    const ben = await person('Ben');
    const room = await ben.createRoom('Keys');
    await letIn(ben, room, ana);
    await untilOnline(ana, room);
    await ben.room(room).send('can you read this?');
    await untilText(ana, room, 'can you read this?');
  });
});

describe('tabs', () => {
  it('open a room once each, and sign out together', async () => {
    const store = `tabs-${crypto.randomUUID()}`;
    const first = await person('Ana', liar.url, store);
    const second = await openEngine({ url: liar.url, storeName: store });
    engines.push(second);
    const room = await first.createRoom('Tabs');
    await first.room(room).send('hello');
    await until(second.rooms, (rooms) => rooms.some(({ id }) => id === room));
    await Promise.all([untilText(second, room, 'hello'), untilOnline(second, room)]);
    // The account's and the room's, each tab.
    await vi.waitFor(() => expect(liar.open).toBe(4), patience);
    await first.logout();
    await until(second.session, ({ kind }) => kind === 'signed-out');
    expect(second.rooms.get()).toEqual([]);
    await vi.waitFor(() => expect(liar.open).toBe(0), patience);
    await second.login(first.account);
    expect(second.rooms.get().map(({ id }) => id)).toEqual([room]);
  });
});
