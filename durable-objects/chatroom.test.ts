import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { entryHash } from '../protocol/roster.ts';
import { fault, newId, newInvite, newRoom, outgoing, random, sealed, TestRoom, value } from './test/room.ts';
import { open, upgrade } from './test/socket.ts';

describe('creating', () => {
  it('makes the author of the first entry the owner', async () => {
    const room = await newRoom();
    const view = value(await room.stub.view(room.owner));
    expect(view).toMatchObject({ name: room.name, ownerId: room.owner, role: 'owner' });
  });

  it('answers the same creation again as before', async () => {
    const room = new TestRoom();
    const entry = room.created();
    const creation = { id: room.id, name: room.name, sealedKey: random(60), entry };
    expect(fault(await room.stub.create(room.owner, creation))).toBe('none');
    expect(fault(await room.stub.create(room.owner, creation))).toBe('none');
    expect(value(await room.stub.roster(room.owner)).entries).toHaveLength(1);
  });

  it('refuses an id that is taken, also when two arrive at once', async () => {
    const first = new TestRoom();
    const creations = [first.owner, newId()].map((by) => ({
      by,
      entry: sealed({ ...first.entry('created', by, { identityKey: random(33), profile: '' }) }),
    }));
    const answers = await Promise.all(
      creations.map(({ by, entry }) =>
        first.stub.create(by, { id: first.id, name: first.name, sealedKey: random(60), entry }),
      ),
    );
    expect(answers.map(fault).sort()).toEqual(['conflict', 'none']);
  });

  it('refuses an entry by somebody else, of another room, of another kind or of no kind', async () => {
    const room = new TestRoom();
    const create = (by: string, entry = room.created()) =>
      room.stub.create(by, { id: room.id, name: room.name, sealedKey: random(60), entry });
    expect(fault(await create(newId()))).toBe('forbidden');
    expect(fault(await create(room.owner, sealed({ ...room.entry('left', room.owner, {}) })))).toBe(
      'bad-request',
    );
    const elsewhere = sealed({
      ...room.entry('created', room.owner, { identityKey: random(33), profile: '' }),
      room: newId(),
    });
    expect(fault(await create(room.owner, elsewhere))).toBe('bad-request');
    expect(fault(await create(room.owner, { body: random(40), signature: random(64) }))).toBe('invalid-body');
    expect(fault(await room.stub.view(room.owner))).toBe('not-a-member');
  });
});

describe('a stranger', () => {
  it('gets the same answers at every door, whether the room exists or not', async () => {
    const real = await newRoom();
    const made = new TestRoom();
    const stranger = newId();
    for (const room of [real, made]) {
      const { stub } = room;
      const entry = sealed(room.entry('left', stranger, {}));
      expect(fault(await stub.view(stranger))).toBe('not-a-member');
      expect(fault(await stub.roster(stranger))).toBe('not-a-member');
      expect(fault(await stub.send(stranger, outgoing('hi')))).toBe('not-a-member');
      expect(fault(await stub.held(stranger, { limit: 10 }))).toBe('not-a-member');
      expect(fault(await stub.ticket(stranger, newId()))).toBe('not-a-member');
      expect(fault(await stub.rename(stranger, random(40)))).toBe('not-a-member');
      expect(fault(await stub.append(stranger, entry))).toBe('not-a-member');
      expect(fault(await stub.destroy(stranger))).toBe('not-a-member');
      const invite = await newInvite();
      expect(fault(await stub.roster(stranger, await room.look(stranger, invite)))).toBe('invite-invalid');
      expect(fault(await stub.append(stranger, await room.joined(stranger, invite), random(60)))).toBe(
        'invite-invalid',
      );
      const response = await upgrade(room, random(32));
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ type: '/problems/ticket-invalid' });
      await stub.endSession(newId());
    }
  });

  it('makes no storage by asking', async () => {
    const made = new TestRoom();
    await made.stub.view(newId());
    await upgrade(made, random(32));
    const tables = await runInDurableObject(made.stub, (_, { storage }) =>
      storage.sql.exec('select name from sqlite_master').toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe('joining', () => {
  it('takes an entry that the invite key has signed, and tells the members', async () => {
    const room = await newRoom();
    const owner = await open(room, room.owner);
    const invite = await room.invite({ role: 'admin' });
    const ben = await room.join(invite);
    expect(value(await room.stub.view(ben))).toMatchObject({ role: 'admin', ownerId: room.owner });
    const told = await owner.frame('roster', 2);
    expect(told.seq).toBe(2);
    expect(await entryHash(told.entries[0]!)).toBe(room.head);
    const { members, entries } = value(await room.stub.roster(ben));
    expect(members.map(({ userId }) => userId)).toEqual([room.owner, ben]);
    expect(entries).toHaveLength(3);
  });

  it('refuses a forged signature, none at all, and one for another entry', async () => {
    const room = await newRoom();
    const invite = await room.invite();
    const mallory = newId();
    const forged = await room.joined(mallory, invite, await newInvite());
    const { inviteSignature: _, ...unsigned } = forged;
    const other = await room.joined(newId(), invite);
    for (const entry of [forged, unsigned, { ...forged, inviteSignature: other.inviteSignature! }]) {
      expect(fault(await room.stub.append(mallory, entry, random(60)))).toBe('invite-invalid');
    }
    expect(fault(await room.stub.append(mallory, other, random(60)))).toBe('forbidden');
    expect(fault(await room.stub.view(mallory))).toBe('not-a-member');
  });

  it('refuses an invitation that has expired by our own clock, whatever the entry says', async () => {
    const room = await newRoom();
    const invite = await room.invite({ expires: Date.now() - 1 });
    const late = newId();
    const signed = await room.joined(late, invite, invite, Date.now() - 60_000);
    expect(fault(await room.stub.append(late, signed, random(60)))).toBe('invite-invalid');
    expect(fault(await room.stub.roster(late, await room.look(late, invite)))).toBe('invite-invalid');
  });

  it('refuses an invitation that is used up or revoked', async () => {
    const room = await newRoom();
    const once = await room.invite({ uses: 1 });
    await room.join(once);
    const late = newId();
    expect(fault(await room.stub.append(late, await room.joined(late, once), random(60)))).toBe(
      'invite-invalid',
    );
    expect(fault(await room.stub.roster(late, await room.look(late, once)))).toBe('invite-invalid');
    const taken = await room.invite();
    await room.append(room.owner, sealed(room.entry('revoked', room.owner, { inviteKey: taken.key })));
    expect(fault(await room.stub.append(late, await room.joined(late, taken), random(60)))).toBe(
      'invite-invalid',
    );
  });

  it('lets the last use of an invitation go to one of two who come at once', async () => {
    const room = await newRoom();
    const invite = await room.invite({ uses: 1 });
    const people = [newId(), newId()];
    const entries = await Promise.all(people.map((userId) => room.joined(userId, invite)));
    const answers = await Promise.all(
      people.map((userId, i) => room.stub.append(userId, entries[i]!, random(60))),
    );
    expect(answers.map(fault).sort()).toEqual(['invite-invalid', 'none']);
    expect(value(await room.stub.roster(room.owner)).members).toHaveLength(2);
  });

  it('answers the same join again as before, and another one by a member as a conflict', async () => {
    const room = await newRoom();
    const invite = await room.invite();
    const ben = newId();
    const entry = await room.joined(ben, invite);
    await room.append(ben, entry, random(60));
    expect(fault(await room.stub.append(ben, entry, random(60)))).toBe('none');
    expect(fault(await room.stub.append(ben, await room.joined(ben, invite), random(60)))).toBe('conflict');
    expect(value(await room.stub.roster(ben)).entries).toHaveLength(3);
  });

  it('shows the roster to who proves to hold an invitation, and to nobody in their place', async () => {
    const room = await newRoom();
    const invite = await room.invite();
    const ben = newId();
    const look = await room.look(ben, invite);
    expect(value(await room.stub.roster(ben, look)).name).toBe(room.name);
    expect(fault(await room.stub.roster(newId(), look))).toBe('invite-invalid');
    expect(fault(await room.stub.send(ben, outgoing('hi')))).toBe('not-a-member');
  });
});

describe('the roster', () => {
  it('takes one of two entries that follow the same one', async () => {
    const room = await newRoom();
    const [a, b] = await Promise.all([newInvite(), newInvite()]);
    const entries = [a, b].map(({ key: inviteKey }) => {
      const rest = {
        inviteKey,
        role: 'member',
        uses: 1,
        expires: Date.now() + 60_000,
        sealed: random(60),
      } as const;
      return sealed(room.entry('invite', room.owner, rest));
    });
    const answers = await Promise.all(entries.map((entry) => room.stub.append(room.owner, entry)));
    expect(answers.map(fault).sort()).toEqual(['none', 'roster-conflict']);
  });

  it('refuses a fork: the next number, but another past', async () => {
    const room = await newRoom();
    const fork = { ...room.entry('left', room.owner, {}), prev: random(32) };
    expect(fault(await room.stub.append(room.owner, sealed(fork)))).toBe('roster-conflict');
    const elsewhere = { ...room.entry('left', room.owner, {}), room: newId() };
    expect(fault(await room.stub.append(room.owner, sealed(elsewhere)))).toBe('bad-request');
  });

  it('keeps to the roles', async () => {
    const room = await newRoom();
    const [ben, carla] = (await room.members(2)) as [string, string];
    const removal = sealed(room.entry('removed', ben, { user: carla }));
    expect(fault(await room.stub.append(ben, removal))).toBe('forbidden');
    expect(fault(await room.stub.rename(ben, random(40)))).toBe('forbidden');
    expect(fault(await room.stub.destroy(ben))).toBe('forbidden');
    expect(fault(await room.stub.append(room.owner, sealed(room.entry('left', room.owner, {}))))).toBe(
      'forbidden',
    );
    const nobody = sealed(room.entry('removed', room.owner, { user: newId() }));
    expect(fault(await room.stub.append(room.owner, nobody))).toBe('forbidden');
    await room.setRole(room.owner, ben, 'admin');
    const name = random(40);
    expect(fault(await room.stub.rename(ben, name))).toBe('none');
    expect(value(await room.stub.view(carla)).name).toBe(name);
  });

  it('passes ownership on', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    await room.setRole(room.owner, ben, 'owner');
    await room.leave(room.owner);
    expect(value(await room.stub.view(ben))).toMatchObject({ role: 'owner', ownerId: ben });
  });

  it('replays to the same state after the object has been evicted', async () => {
    const room = await newRoom();
    const [ben, carla] = (await room.members(2)) as [string, string];
    await room.setRole(room.owner, ben, 'admin');
    await room.remove(ben, carla);
    const before = value(await room.stub.roster(ben));
    await evictDurableObject(room.stub);
    expect(value(await room.stub.roster(ben))).toEqual(before);
    expect(fault(await room.stub.view(carla))).toBe('not-a-member');
    const invite = await room.invite();
    await room.join(invite);
  });
});

describe('a deleted room', () => {
  it('is gone for everybody, at once, and its id stays taken', async () => {
    const room = await newRoom();
    const [ben] = (await room.members(1)) as [string];
    const socket = await open(room, ben);
    const { ticket } = value(await room.stub.ticket(ben, newId()));
    expect(fault(await room.stub.destroy(room.owner))).toBe('none');
    expect(await socket.frame('gone')).toEqual({ t: 'gone', reason: 'deleted' });
    expect((await socket.closed).code).toBe(4410);
    expect((await upgrade(room, ticket)).status).toBe(403);
    expect(fault(await room.stub.view(room.owner))).toBe('not-a-member');
    expect(fault(await room.stub.send(ben, outgoing('hi')))).toBe('not-a-member');
    // The answer to the deletion may have been lost.
    expect(fault(await room.stub.destroy(room.owner))).toBe('none');
    expect(fault(await room.stub.destroy(ben))).toBe('not-a-member');
    const {
      seq: _,
      prev: __,
      ...rest
    } = room.entry('created', ben, { identityKey: random(33), profile: '' });
    const entry = sealed({ ...rest, seq: 0, prev: null });
    const creation = { id: room.id, name: room.name, sealedKey: random(60), entry };
    expect(fault(await room.stub.create(ben, creation))).toBe('conflict');
  });

  it('is what remains when the last member leaves', async () => {
    const room = await newRoom();
    const invite = await room.invite();
    await room.stub.send(room.owner, outgoing('alone'));
    await room.leave(room.owner);
    const late = newId();
    expect(fault(await room.stub.append(late, await room.joined(late, invite), random(60)))).toBe(
      'invite-invalid',
    );
    expect(fault(await room.stub.view(room.owner))).toBe('not-a-member');
  });
});
