import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ClientFrame, maxBox, maxFrame } from '../protocol/socket.ts';
import { mostUnread } from './backlog.ts';
import { fault, newId, newRoom, outgoing, random, sealed, type TestRoom, value } from './test/room.ts';
import { connect, open, type TestSocket, upgrade } from './test/socket.ts';

/** From now on the clock stands still, for the objects too: what counts by it doesn't depend on how busy the machine is. */
const stopClock = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
afterEach(() => {
  vi.useRealTimers();
});

const seqs = (messages: readonly { seq: number }[]) => messages.map(({ seq }) => seq);
const count = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('order', () => {
  it('is one for all, gapless, and the acknowledgement names the same number', async () => {
    const room = await newRoom();
    const people = [room.owner, ...(await room.members(3))];
    const sockets = await Promise.all(people.map((userId) => open(room, userId)));
    const rounds = 25;
    for (let i = 0; i < rounds; i++) for (const socket of sockets) socket.say(`${socket.userId} ${i}`);
    const total = rounds * sockets.length;
    for (const socket of sockets) {
      await socket.until(() => socket.messages.length === total || undefined);
      await socket.frame('ack', rounds);
      expect(seqs(socket.messages)).toEqual(count(total));
      expect(socket.said).toEqual(sockets[0]!.said);
      const own = socket.messages.filter(({ sender }) => sender === socket.userId);
      const acks = socket.received.flatMap((frame) =>
        frame.t === 'ack' ? [[frame.id, frame.seq, frame.at]] : [],
      );
      expect(acks).toEqual(own.map(({ id, seq, at }) => [id, seq, at]));
    }
  });

  it('packs what comes in a burst into few frames, each within bounds', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const [sender, reader] = await Promise.all([open(room, room.owner), open(room, ben)]);
    const box = random(30_000);
    for (let i = 0; i < 40; i++) sender.say('', { box });
    await reader.until(() => reader.messages.length === 40 || undefined);
    expect(seqs(reader.messages)).toEqual(count(40));
    const frames = reader.received.filter(({ t }) => t === 'message');
    expect(frames.length).toBeLessThan(40);
    for (const text of reader.texts) expect(text.length).toBeLessThan(300 * 1024);
  });

  it('counts what comes by REST in the same line', async () => {
    const room = await newRoom();
    const socket = await open(room, room.owner);
    expect(value(await room.stub.send(room.owner, outgoing('one'))).seq).toBe(1);
    socket.say('two');
    await socket.hears('two');
    expect(value(await room.stub.send(room.owner, outgoing('three'))).seq).toBe(3);
    await socket.hears('three');
    expect(socket.said).toEqual(['one', 'two', 'three']);
  });
});

describe('a message that is sent again', () => {
  it('answers its first number and is not passed on again', async () => {
    const room = await newRoom();
    const socket = await open(room, room.owner);
    const message = outgoing('once');
    const first = value(await room.stub.send(room.owner, message));
    expect(value(await room.stub.send(room.owner, message))).toEqual(first);
    socket.send({ t: 'send', ...message });
    expect(await socket.frame('ack')).toMatchObject(first);
    socket.say('fence');
    await socket.hears('fence');
    expect(socket.said).toEqual(['once', 'fence']);
    expect(seqs(socket.messages)).toEqual([1, 2]);
  });

  it('is not answered to somebody else who uses its id', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const message = outgoing('mine');
    value(await room.stub.send(room.owner, message));
    expect(fault(await room.stub.send(ben, message))).toBe('conflict');
    const socket = await open(room, ben, 1);
    socket.send({ t: 'send', ...message });
    expect(await socket.frame('nack')).toMatchObject({
      id: message.id,
      problem: { type: '/problems/conflict' },
    });
  });
});

describe('catching up', () => {
  it('brings what was missed, in order, once, while others go on', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const sender = await open(room, room.owner);
    for (let i = 1; i <= 30; i++) sender.say(`m${i}`);
    await sender.frame('ack', 10);
    const reader = await connect(room, ben);
    reader.send({ t: 'hello', since: 7 });
    for (let i = 31; i <= 60; i++) sender.say(`m${i}`);
    await reader.hears('m60');
    const welcome = await reader.frame('welcome');
    expect(welcome).toMatchObject({ from: 7, head: room.head });
    expect(welcome.seq).toBeGreaterThanOrEqual(10);
    expect(reader.received[0]!.t).toBe('welcome');
    expect(seqs(reader.messages)).toEqual(count(60).slice(7));
  });

  it('brings nothing to who has everything, or claims to have more', async () => {
    const room = await newRoom();
    value(await room.stub.send(room.owner, outgoing('one')));
    for (const since of [1, 99]) {
      const socket = await open(room, room.owner, since);
      expect(await socket.frame('welcome')).toMatchObject({ seq: 1, from: 1 });
      expect(socket.messages).toEqual([]);
    }
  });

  it('carries a bounded amount and says from where', async () => {
    const room = await newRoom();
    const box = random(46_000);
    for (let i = 0; i < 100; i++) value(await room.stub.send(room.owner, outgoing('', { box })));
    const socket = await open(room, room.owner);
    const { from } = await socket.frame('welcome');
    expect(from).toBeGreaterThan(0);
    await socket.until(() => socket.messages.at(-1)?.seq === 100 || undefined);
    expect(seqs(socket.messages)).toEqual(count(100).slice(from));
    const earlier = value(await room.stub.held(room.owner, { after: 0, limit: from }));
    expect(seqs(earlier.items)).toEqual(count(from));
  });

  it('leaves out what has expired', async () => {
    const room = await newRoom();
    value(await room.stub.send(room.owner, outgoing('gone', { expiresAt: Date.now() - 1 })));
    value(await room.stub.send(room.owner, outgoing('kept', { expiresAt: Date.now() + 60_000 })));
    const socket = await open(room, room.owner);
    await socket.hears('kept');
    expect(socket.said).toEqual(['kept']);
  });
});

describe('a hibernated object', () => {
  it('goes on where it was, with the same sockets, after being evicted between all messages', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const [sender, reader] = await Promise.all([open(room, room.owner), open(room, ben)]);
    for (const i of count(5)) {
      sender.say(`m${i}`);
      await reader.hears(`m${i}`);
      await evictDurableObject(room.stub);
    }
    sender.say('m6', { recipient: `${ben}:1` });
    await reader.hears('m6');
    expect(seqs(reader.messages)).toEqual(count(6));
    await sender.frame('ack', 6);
    await evictDurableObject(room.stub);
    await room.remove(room.owner, ben);
    expect(await reader.frame('gone')).toEqual({ t: 'gone', reason: 'removed' });
  });

  it('answers pings without being woken', async () => {
    const room = await newRoom();
    const socket = await open(room, room.owner);
    await evictDurableObject(room.stub);
    socket.sendText('ping');
    await socket.until(() => socket.texts.includes('pong') || undefined);
  });
});

describe('a socket that does not read', () => {
  /** Messages of the largest kind, `count` of them; they come by REST, as a socket may not send as much at once. */
  async function flood(room: TestRoom, reader?: TestSocket): Promise<number[]> {
    const box = random(maxBox);
    for (const sent of count(80)) {
      value(await room.stub.send(room.owner, outgoing('', { box })));
      if (sent % 10 === 0) await reader?.until(() => reader.messages.length === sent || undefined);
    }
    return count(80);
  }

  it('is closed on at a bound, holds nobody up, and has everything once it is back', async () => {
    const room = await newRoom();
    const [ben, carla] = (await room.members(2)) as [string, string];
    const [bens, carlas] = [await open(room, ben), await open(room, carla)];
    bens.answers = false;
    const all = await flood(room, carlas);
    expect(await bens.closed).toEqual({ code: 1013, reason: 'too slow' });
    const size = bens.texts.reduce((sum, { length }) => sum + length, 0);
    expect(size).toBeGreaterThan(mostUnread / 2);
    expect(size).toBeLessThanOrEqual(mostUnread + 100);
    expect(seqs(carlas.messages)).toEqual(all);
    const since = bens.messages.at(-1)!.seq;
    const back = await open(room, ben, since);
    const { from } = await back.frame('welcome');
    await back.until(() => back.messages.at(-1)?.seq === all.length || undefined);
    const between = from - since;
    const older = between > 0 ? value(await room.stub.held(ben, { after: since, limit: between })).items : [];
    expect(seqs([...bens.messages, ...older, ...back.messages])).toEqual(all);
    carlas.say('go on');
    await back.until(() => back.messages.at(-1)?.seq === all.length + 1 || undefined);
  }, 60_000);

  it('is not helped by marks that it makes up', async () => {
    const room = await newRoom();
    const ben = await room.join(await room.invite());
    const bens = await open(room, ben);
    bens.answers = false;
    for (let n = 0; n < 20; n++) bens.send({ t: 'mark', n });
    await flood(room);
    expect((await bens.closed).code).toBe(1013);
  }, 60_000);

  it('is asked for nothing where there is little', async () => {
    const room = await newRoom();
    const socket = await open(room, room.owner);
    for (const i of count(100)) socket.say(`m${i}`);
    await socket.hears('m100');
    expect(socket.received.some(({ t }) => t === 'mark')).toBe(false);
  });
});

describe('a to-device message', () => {
  it('goes in the same line, to its recipient alone, live, in catch-up and in pages', async () => {
    const room = await newRoom();
    const [ben, carla] = (await room.members(2)) as [string, string];
    const [sender, bens, carlas] = await Promise.all([room.owner, ben, carla].map((who) => open(room, who)));
    sender!.say('key for ben', { recipient: `${ben}:1` });
    sender!.say('for all');
    sender!.say('key for carla', { recipient: `${carla}:2` });
    sender!.say('fence');
    const seen = { ben: ['key for ben', 'for all', 'fence'], carla: ['for all', 'key for carla', 'fence'] };
    for (const socket of [sender!, bens!, carlas!]) await socket.hears('fence');
    expect(bens!.said).toEqual(seen.ben);
    expect(carlas!.said).toEqual(seen.carla);
    expect(sender!.said).toEqual(['for all', 'fence']);
    const [bensLater, carlasLater] = await Promise.all([open(room, ben), open(room, carla)]);
    for (const socket of [bensLater, carlasLater]) await socket.hears('fence');
    expect(bensLater.said).toEqual(seen.ben);
    expect(carlasLater.said).toEqual(seen.carla);
    const held = value(await room.stub.held(ben, { limit: 10 }));
    expect(seqs(held.items)).toEqual([1, 2, 4]);
    expect(seqs(value(await room.stub.held(carla, { after: 2, limit: 10 })).items)).toEqual([3, 4]);
  });
});

describe('what is not stored', () => {
  it('goes to the others once: ephemeral frames to all, signals to one person', async () => {
    const room = await newRoom();
    const [ben, carla] = (await room.members(2)) as [string, string];
    const [ana, bens, carlas] = await Promise.all([room.owner, ben, carla].map((who) => open(room, who)));
    const box = random(20);
    ana!.send({ t: 'ephemeral', box });
    const id = newId();
    ana!.send({ t: 'signal', id, device: 3, to: `${ben}:1`, box });
    ana!.say('fence');
    for (const socket of [ana!, bens!, carlas!]) await socket.hears('fence');
    const kinds = (socket: typeof ana) =>
      socket!.received.map(({ t }) => t).filter((t) => t === 'ephemeral' || t === 'signal');
    expect(kinds(ana)).toEqual([]);
    expect(kinds(bens)).toEqual(['ephemeral', 'signal']);
    expect(kinds(carlas)).toEqual(['ephemeral']);
    expect(await bens!.frame('signal')).toEqual({
      ...{ t: 'signal', id, from: `${room.owner}:3`, to: `${ben}:1`, box },
    });
    const later = await open(room, carla);
    await later.hears('fence');
    expect(later.received.map(({ t }) => t)).toEqual(['welcome', 'message']);
  });

  it('is kept where its sender says so: the last of each, for all or for their own devices, until they go', async () => {
    const room = await newRoom();
    const [ben, carla] = (await room.members(2)) as [string, string];
    const [ana, bens, bensPhone, carlas] = await Promise.all(
      [room.owner, ben, ben, carla].map((who) => open(room, who)),
    );
    const [first, last, own] = [random(20), random(20), random(20)];
    ana!.send({ t: 'keep', for: 'all', box: first });
    ana!.send({ t: 'keep', for: 'all', box: last });
    ana!.say('fence');
    await bens!.hears('fence');
    bens!.send({ t: 'keep', for: 'own', box: own });
    bens!.say('second fence');
    for (const socket of [ana!, bensPhone!, carlas!]) await socket.hears('second fence');
    const passed = (socket: typeof ana) =>
      socket!.received.flatMap((frame) => (frame.t === 'ephemeral' ? [[frame.from, frame.box]] : []));
    const anas = [first, last].map((box) => [room.owner, box]);
    expect(passed(carlas)).toEqual(anas);
    expect(passed(bensPhone)).toEqual([...anas, [ben, own]]);
    expect(passed(ana)).toEqual([]);
    const keptFor = async (who: string) => (await (await open(room, who)).frame('welcome')).kept ?? [];
    expect(await keptFor(carla)).toEqual([{ from: room.owner, box: last }]);
    expect(new Set(await keptFor(ben))).toEqual(
      new Set([
        { from: ben, box: own },
        { from: room.owner, box: last },
      ]),
    );
    await room.leave(ben);
    await runInDurableObject(room.stub, (_, { storage }) => {
      expect(storage.sql.exec('select user_id from kept').toArray()).toEqual([{ user_id: room.owner }]);
    });
  });

  it('brings news of files', async () => {
    const room = await newRoom();
    const socket = await open(room, room.owner);
    const change = { fileId: newId(), state: 'uploading', delta: { n: 3, sealed: random(40) } } as const;
    await room.stub.fileChanged(change);
    expect(await socket.frame('file')).toEqual({ t: 'file', ...change });
  });
});

it('takes fifty sockets of one person, and then closes the oldest for a new one', async () => {
  const room = await newRoom();
  const [ben] = (await room.members(1)) as [string];
  const other = await open(room, ben);
  const sockets = [];
  for (let i = 0; i < 51; i++) sockets.push(await connect(room, room.owner));
  expect((await sockets[0]!.closed).code).toBe(1008);
  for (const socket of [sockets[1]!, sockets[50]!, other]) {
    if (socket !== other) socket.send({ t: 'hello', since: 0 });
    socket.say('here');
    await socket.frame('ack');
  }
  for (const socket of [...sockets.slice(1), other]) socket.close();
});

it('tells what is wrong with a frame in few words, however many unknown fields that has', async () => {
  const room = await newRoom();
  const socket = await open(room, room.owner);
  const fields = Object.fromEntries(count(3_000).map((n) => [`field${n}`, n]));
  socket.sendText(JSON.stringify({ t: 'ephemeral', box: random(5), ...fields }));
  await socket.frame('nack');
  expect(socket.texts.at(-1)!.length).toBeLessThan(1_000);
});

describe('a ticket', () => {
  it('opens one socket, also when it comes twice at once', async () => {
    const room = await newRoom();
    const { ticket } = value(await room.stub.ticket(room.owner, newId()));
    const answers = await Promise.all([upgrade(room, ticket), upgrade(room, ticket)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([101, 403]);
    for (const { webSocket } of answers) webSocket?.accept();
    expect((await upgrade(room, ticket)).status).toBe(403);
  });

  it('is worth nothing after 30 seconds, in another room, or as a plain request', async () => {
    const room = await newRoom();
    const old = value(await room.stub.ticket(room.owner, newId()));
    expect(old.expiresAt - Date.now()).toBeLessThanOrEqual(30_000);
    await runInDurableObject(room.stub, (_, { storage }) => {
      storage.sql.exec('update ticket set expires_at = expires_at - 30001');
    });
    expect((await upgrade(room, old.ticket)).status).toBe(403);
    const { ticket } = value(await room.stub.ticket(room.owner, newId()));
    expect((await upgrade(await newRoom(), ticket)).status).toBe(403);
    const plain = await room.stub.fetch(`https://room.test/?ticket=${ticket}`);
    expect(plain.status).toBe(400);
    expect(plain.webSocket).toBeNull();
  });

  it('is not in the storage for somebody to read', async () => {
    const room = await newRoom();
    const { ticket } = value(await room.stub.ticket(room.owner, newId()));
    const rows = await runInDurableObject(room.stub, (_, { storage }) =>
      storage.sql.exec('select * from ticket').toArray(),
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(ticket);
  });

  it('dies with the membership it came from, though its owner comes back', async () => {
    const room = await newRoom();
    const ben = await room.join(await room.invite());
    const { ticket } = value(await room.stub.ticket(ben, newId()));
    await room.remove(room.owner, ben);
    await room.append(ben, await room.joined(ben, await room.invite()), random(60));
    expect((await upgrade(room, ticket)).status).toBe(403);
    await open(room, ben);
  });

  it('dies with the session it came from', async () => {
    const room = await newRoom();
    const session = newId();
    const mine = value(await room.stub.ticket(room.owner, session));
    const other = value(await room.stub.ticket(room.owner, newId()));
    await room.stub.endSession(session);
    expect((await upgrade(room, mine.ticket)).status).toBe(403);
    const { webSocket } = await upgrade(room, other.ticket);
    webSocket?.accept();
    expect(webSocket).not.toBeNull();
  });
});

describe('who is not wanted any more', () => {
  it('is out at once: sockets, ticket, doors; the others stay and are told', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const owner = await open(room, room.owner);
    const [bens, another, silent] = [await open(room, ben), await open(room, ben), await connect(room, ben)];
    const { ticket } = value(await room.stub.ticket(ben, newId()));
    owner.say('before');
    await room.remove(room.owner, ben);
    for (const socket of [bens, another, silent]) {
      expect(await socket.frame('gone')).toEqual({ t: 'gone', reason: 'removed' });
      expect((await socket.closed).code).toBe(4403);
    }
    expect(bens.said).toEqual(['before']);
    expect((await upgrade(room, ticket)).status).toBe(403);
    expect(fault(await room.stub.send(ben, outgoing('hi')))).toBe('not-a-member');
    expect(fault(await room.stub.held(ben, { limit: 1 }))).toBe('not-a-member');
    expect(fault(await room.stub.roster(ben))).toBe('not-a-member');
    expect(fault(await room.stub.ticket(ben, newId()))).toBe('not-a-member');
    owner.say('after');
    await owner.hears('after');
    expect(owner.said).toEqual(['before', 'after']);
    expect(await owner.frame('roster')).toMatchObject({ seq: room.seq });
  });

  it('is not heard any more, even in a frame that was under way', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const bens = await open(room, ben);
    const removal = sealed(room.entry('removed', room.owner, { user: ben }));
    await runInDurableObject(room.stub, async (object, state) => {
      const [socket] = state.getWebSockets();
      value(await object.append(room.owner, removal));
      object.webSocketMessage(socket!, JSON.stringify({ t: 'send', ...outgoing('too late') }));
    });
    await bens.closed;
    expect(bens.received.map(({ t }) => t)).toEqual(['welcome', 'gone']);
    expect(value(await room.stub.held(room.owner, { limit: 1 })).last).toBe(0);
  });

  it('has said what came before it went, though it was still to be stored', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const owner = await open(room, room.owner);
    const session = newId();
    const bens = await open(room, ben, 0, session);
    await runInDurableObject(room.stub, async (object, state) => {
      const socket = state.getWebSockets().find((one) => one.deserializeAttachment().userId === ben);
      for (const text of ['one', 'two', 'three']) {
        object.webSocketMessage(socket!, JSON.stringify({ t: 'send', ...outgoing(text) }));
      }
      await object.endSession(session);
    });
    await owner.hears('three');
    expect(owner.said).toEqual(['one', 'two', 'three']);
    await bens.closed;
    expect(bens.received.map(({ t }) => t)).toEqual([
      'welcome',
      'ack',
      'message',
      'ack',
      'ack',
      'message',
      'gone',
    ]);
  });

  it('is who leaves, and who signs out: that session alone', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const session = newId();
    const [here, there] = [await open(room, ben, 0, session), await open(room, ben)];
    await room.stub.endSession(session);
    expect(await here.frame('gone')).toEqual({ t: 'gone', reason: 'signed-out' });
    expect((await here.closed).code).toBe(4401);
    there.say('still here');
    await there.hears('still here');
    await room.leave(ben);
    expect(await there.frame('gone')).toEqual({ t: 'gone', reason: 'left' });
    expect((await there.closed).code).toBe(4403);
  });

  it('is a client that closes: the others go on', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const [owner, bens] = [await open(room, room.owner), await open(room, ben)];
    bens.close();
    expect((await bens.closed).code).toBe(1000);
    owner.say('alone');
    await owner.hears('alone');
  });
});

describe('a socket that misbehaves', () => {
  const bad: [string, string | ArrayBuffer, string][] = [
    ['no JSON', 'hello?', 'bad-request'],
    ['bytes', new ArrayBuffer(8), 'bad-request'],
    ['an unknown kind', '{"t":"shout"}', 'invalid-body'],
    ['an unknown field', JSON.stringify({ t: 'ephemeral', box: 'AAAA', loud: true }), 'invalid-body'],
    ['null', 'null', 'invalid-body'],
    ['a box that is no base64', JSON.stringify({ t: 'ephemeral', box: '!!!!' }), 'invalid-body'],
    ['too many bytes', `"${'x'.repeat(maxFrame)}"`, 'too-large'],
    ['few characters of many bytes', `"${'€'.repeat(maxFrame / 3)}"`, 'too-large'],
    ['a second hello', '{"t":"hello","since":0}', 'bad-request'],
  ];
  for (const [what, data, type] of bad) {
    it(`is told what is wrong with ${what}, and goes on`, async () => {
      const room = await newRoom();
      const socket = await open(room, room.owner);
      socket.sendText(data);
      expect(await socket.frame('nack')).toMatchObject({ problem: { type: `/problems/${type}` } });
      socket.say('sorry');
      await socket.hears('sorry');
    });
  }

  it('learns which message it was', async () => {
    const room = await newRoom();
    const socket = await open(room, room.owner);
    const message = { ...outgoing('hi'), device: 0 };
    socket.send({ t: 'send', ...message } as ClientFrame);
    const nack = await socket.frame('nack');
    expect(nack).toMatchObject({ id: message.id, problem: { errors: [{ pointer: '/device' }] } });
  });

  it('says hello first', async () => {
    const room = await newRoom();
    const socket = await connect(room, room.owner);
    const id = socket.say('hi');
    expect(await socket.frame('nack')).toMatchObject({ id, problem: { type: '/problems/bad-request' } });
    expect(value(await room.stub.held(room.owner, { limit: 1 })).last).toBe(0);
  });

  it('is thrown out when it goes on', async () => {
    const room = await newRoom();
    const socket = await open(room, room.owner);
    for (let i = 0; i < 6; i++) socket.sendText('nonsense');
    expect((await socket.closed).code).toBe(1008);
  });

  it('is slowed down, then thrown out, when it floods; nothing acknowledged is lost', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    // Before the first frame: what time passes gives back what it cost.
    stopClock();
    const [flooder, reader] = [await open(room, room.owner), await open(room, ben)];
    for (let i = 0; i < 230; i++) flooder.say(`${i}`);
    expect((await flooder.closed).code).toBe(1008);
    const nack = await flooder.frame('nack');
    expect(nack).toMatchObject({ problem: { type: '/problems/rate-limited', retryAfter: 1 } });
    const acked = flooder.received.flatMap((frame) => (frame.t === 'ack' ? [frame.seq] : []));
    expect(acked).toHaveLength(199);
    await reader.until(() => reader.messages.length === acked.length || undefined);
    expect(seqs(reader.messages)).toEqual(acked);
  });

  it('may send less of what is large', async () => {
    const room = await newRoom();
    const socket = await open(room, room.owner);
    const box = random(maxBox);
    stopClock();
    for (let i = 0; i < 40; i++) socket.say('', { box });
    const nack = await socket.frame('nack');
    expect(nack).toMatchObject({ problem: { type: '/problems/rate-limited', retryAfter: 1 } });
    // All that came within a turn is answered at its end, what is refused at once.
    await socket.frame('nack', 14);
    await socket.frame('ack', 26);
    expect(socket.received.filter(({ t }) => t === 'ack')).toHaveLength(26);
  });

  it('is not made up for by more sockets, nor by REST: an account has its own bound in a room', async () => {
    const room = await newRoom();
    const ben = await room.join(await room.invite());
    const box = random(maxBox);
    stopClock();
    const sends = await Promise.all(count(110).map(() => room.stub.send(room.owner, outgoing('', { box }))));
    const kinds = sends.map(fault);
    expect(kinds).toEqual(count(110).map((i) => (i <= 106 ? 'none' : 'rate-limited')));
    const socket = await open(room, room.owner, 110);
    const id = socket.say('', { box });
    expect(await socket.until((frames) => frames.find(({ t }) => t === 'ack' || t === 'nack'))).toMatchObject(
      {
        ...{ t: 'nack', id },
      },
    );
    expect(fault(await room.stub.send(ben, outgoing('mine')))).toBe('none');
  });

  it('may send keys to many devices in one burst', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const [sender, reader] = [await open(room, room.owner), await open(room, ben)];
    for (let i = 0; i < 400; i++) sender.say(`${i}`, { recipient: `${ben}:${(i % 100) + 1}` });
    await reader.until(() => reader.messages.length === 400 || undefined);
    expect(sender.received.some(({ t }) => t === 'nack')).toBe(false);
  });
});
