import { describe, expect, it } from 'vitest';
import { inviteLookSigned } from '../protocol/roster.ts';
import { newId, newInvite, newRoom, random, type TestRoom, value } from './test/room.ts';
import { open } from './test/socket.ts';

/** A link by which people ask to come in, and somebody who holds it. */
async function newLink(room: TestRoom, expires = Date.now() + 60_000) {
  const { key, sign } = await newInvite();
  const link = { key, nonce: random(16), expires, label: random(60) };
  const look = async (userId: string) => ({
    invite: key,
    proof: await sign(inviteLookSigned(room.id, userId)),
  });
  return { link, look };
}

const problemOf = (result: { ok: boolean; problem?: { type: string } }) =>
  result.ok ? undefined : result.problem!.type.split('/').at(-1);

describe('asking to come in', () => {
  it('takes the link, tells owners and admins, and brings the answer to who asked alone', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const { link, look } = await newLink(room);
    const [anas, bens] = [await open(room, room.owner), await open(room, ben)];
    value(await room.stub.openAsking(room.owner, link));
    const [carla, box] = [newId(), random(60)];
    expect(value(await room.stub.request(carla, await look(carla)))).toEqual({
      ...{ state: 'none', label: link.label, answer: null },
    });
    expect(value(await room.stub.ask(carla, await look(carla), box))).toEqual({ state: 'waiting' });
    expect(value(await room.stub.ask(carla, await look(carla), random(60)))).toEqual({ state: 'waiting' });
    expect(value(await room.stub.requests(room.owner))).toMatchObject({
      ...{ link, items: [{ userId: carla, nonce: link.nonce, box }] },
    });
    anas.say('fence');
    for (const socket of [anas, bens]) await socket.hears('fence');
    const told = ({ received }: typeof anas) =>
      received.flatMap((frame) => (frame.t === 'requests' ? [frame.waiting] : []));
    expect(told(anas)).toEqual([0, 1]);
    expect(told(bens)).toEqual([]);
    expect((await (await open(room, room.owner)).frame('requests')).waiting).toBe(1);

    const answer = random(120);
    value(await room.stub.answer(room.owner, carla, answer));
    expect(value(await room.stub.request(carla, await look(carla)))).toMatchObject({
      state: 'let-in',
      answer,
    });
    expect(value(await room.stub.requests(room.owner)).items).toEqual([]);
  });

  it('is answered once, and as often as who answered says the same', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    await room.setRole(room.owner, ben, 'admin');
    const { link, look } = await newLink(room);
    value(await room.stub.openAsking(room.owner, link));
    const [carla, dan] = [newId(), newId()];
    for (const id of [carla, dan]) value(await room.stub.ask(id, await look(id), random(60)));
    const sealed = [random(120), random(120)] as const;
    for (const answer of sealed) {
      value(await room.stub.answer(room.owner, carla, answer));
      value(await room.stub.answer(ben, dan, null));
    }
    expect(value(await room.stub.request(carla, await look(carla)))).toMatchObject({
      ...{ state: 'let-in', answer: sealed[1] },
    });
    for (const [by, whom, answer] of [
      [ben, carla, random(120)],
      [room.owner, carla, null],
      [room.owner, dan, random(120)],
      [ben, dan, random(120)],
    ] as const)
      expect(problemOf(await room.stub.answer(by, whom, answer))).toBe('conflict');
    expect(value(await room.stub.request(dan, await look(dan))).state).toBe('declined');
    // Who asks anew is answered anew, by whoever.
    value(await room.stub.ask(carla, await look(carla), random(60)));
    value(await room.stub.answer(ben, carla, null));
    expect(problemOf(await room.stub.answer(room.owner, newId(), null))).toBe('not-found');
  });

  it('is refused without the link, with another person’s proof, by a link that is over, and to members', async () => {
    const room = await newRoom();
    const { link, look } = await newLink(room);
    const [carla, dan, box] = [newId(), newId(), random(60)];
    expect(problemOf(await room.stub.ask(carla, await look(carla), box))).toBe('invite-invalid');
    value(await room.stub.openAsking(room.owner, link));
    expect(problemOf(await room.stub.ask(carla, await look(dan), box))).toBe('invite-invalid');
    expect(problemOf(await room.stub.request(carla, await look(dan)))).toBe('invite-invalid');
    expect(problemOf(await room.stub.ask(room.owner, await look(room.owner), box))).toBe('conflict');
    value(await room.stub.ask(carla, await look(carla), box));
    value(await room.stub.openAsking(room.owner, null));
    expect(value(await room.stub.requests(room.owner))).toEqual({ link: null, items: [] });
    expect(problemOf(await room.stub.ask(dan, await look(dan), box))).toBe('invite-invalid');
    const old = await newLink(room, Date.now() - 1);
    value(await room.stub.openAsking(room.owner, old.link));
    expect(problemOf(await room.stub.ask(dan, await old.look(dan), box))).toBe('invite-invalid');
  });

  it('is for owners and admins to allow, to see and to answer', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const { link, look } = await newLink(room);
    const carla = newId();
    for (const [who, problem] of [
      [ben, 'forbidden'],
      [carla, 'not-a-member'],
    ] as const) {
      expect(problemOf(await room.stub.openAsking(who, link))).toBe(problem);
      expect(problemOf(await room.stub.requests(who))).toBe(problem);
      expect(problemOf(await room.stub.answer(who, carla, null))).toBe(problem);
    }
    await room.setRole(room.owner, ben, 'admin');
    value(await room.stub.openAsking(ben, link));
    value(await room.stub.ask(carla, await look(carla), random(60)));
    value(await room.stub.answer(ben, carla, null));
    expect(value(await room.stub.ask(carla, await look(carla), random(60)))).toEqual({ state: 'declined' });
  });

  it('ends with a removal, for who waits and for who was let in and has not come', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const { link, look } = await newLink(room);
    value(await room.stub.openAsking(room.owner, link));
    const people = [newId(), newId()] as const;
    for (const id of people) value(await room.stub.ask(id, await look(id), random(60)));
    value(await room.stub.answer(room.owner, people[1], random(120)));
    const anas = await open(room, room.owner);
    expect((await anas.frame('requests')).waiting).toBe(1);
    await room.remove(room.owner, ben);
    expect((await anas.frame('requests', 2)).waiting).toBe(0);
    expect(value(await room.stub.requests(room.owner))).toEqual({ link: null, items: [] });
    for (const id of [...people, ben]) {
      expect(problemOf(await room.stub.request(id, await look(id)))).toBe('invite-invalid');
      expect(problemOf(await room.stub.ask(id, await look(id), random(60)))).toBe('invite-invalid');
    }
    const fresh = await newLink(room);
    value(await room.stub.openAsking(room.owner, fresh.link));
    for (const id of people)
      expect(value(await room.stub.ask(id, await fresh.look(id), random(60))).state).toBe('waiting');
  });

  it('lets who could not come in by their invitation ask once more', async () => {
    const room = await newRoom();
    const { link, look } = await newLink(room);
    value(await room.stub.openAsking(room.owner, link));
    const [carla, box] = [newId(), random(60)];
    value(await room.stub.ask(carla, await look(carla), random(60)));
    value(await room.stub.answer(room.owner, carla, random(120)));
    expect(value(await room.stub.ask(carla, await look(carla), box))).toEqual({ state: 'waiting' });
    expect(value(await room.stub.requests(room.owner)).items).toMatchObject([{ userId: carla, box }]);
    expect(value(await room.stub.request(carla, await look(carla)))).toMatchObject({
      ...{ state: 'waiting', answer: null },
    });
    // What they were answered stays where nobody can ask any more: the invitation may be good.
    const answer = random(120);
    value(await room.stub.answer(room.owner, carla, answer));
    value(await room.stub.openAsking(room.owner, null));
    expect(value(await room.stub.ask(carla, await look(carla), box))).toEqual({ state: 'let-in' });
    expect(value(await room.stub.request(carla, await look(carla))).answer).toBe(answer);
  });

  it('tells who becomes an admin that somebody waits, and nobody else', async () => {
    const room = await newRoom();
    const [ben, dan] = (await room.members(2)) as [string, string];
    const { link, look } = await newLink(room);
    value(await room.stub.openAsking(room.owner, link));
    const carla = newId();
    value(await room.stub.ask(carla, await look(carla), random(60)));
    const [anas, bens, dans] = [await open(room, room.owner), await open(room, ben), await open(room, dan)];
    await room.setRole(room.owner, ben, 'admin');
    expect((await bens.frame('requests')).waiting).toBe(1);
    await room.setRole(room.owner, ben, 'member');
    anas.say('fence');
    for (const socket of [anas, bens, dans]) await socket.hears('fence');
    const told = [anas, bens, dans].map(
      ({ received }) => received.filter(({ t }) => t === 'requests').length,
    );
    expect(told).toEqual([1, 1, 0]);
  });

  it('takes fifty at a time', async () => {
    const room = await newRoom();
    const { link, look } = await newLink(room);
    value(await room.stub.openAsking(room.owner, link));
    for (let i = 0; i < 50; i++) {
      const somebody = newId();
      value(await room.stub.ask(somebody, await look(somebody), random(60)));
    }
    const late = newId();
    expect(problemOf(await room.stub.ask(late, await look(late), random(60)))).toBe('rate-limited');
  });
});
