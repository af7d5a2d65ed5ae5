import { random, TestRoom, value } from '../../durable-objects/test/room.ts';
import type { Person } from './client.ts';

export interface PeoplesRoom {
  readonly id: string;
  /** Lets `person` in by an invitation of the owner's. */
  join(person: Person): Promise<void>;
  /** The owner removes `person`. */
  remove(person: Person): Promise<void>;
}

/** A room that `owner` has made, for people with accounts. */
export async function newRoom(owner: Person): Promise<PeoplesRoom> {
  const room = new TestRoom(owner.id);
  const { id, name, stub } = room;
  const entry = room.created();
  value(await stub.create(owner.id, { id, name, sealedKey: random(60), entry }));
  await room.follow(entry);
  return {
    id,
    async join(person) {
      const entry = await room.joined(person.id, await room.invite({ uses: 1 }));
      await room.append(person.id, entry, random(60));
    },
    remove: (person) => room.remove(owner.id, person.id),
  };
}
