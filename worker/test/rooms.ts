import { random, TestRoom, value } from '../../durable-objects/test/room.ts';
import { TestSocket } from '../../durable-objects/test/socket.ts';
import { routes } from '../../protocol/rest/index.ts';
import { ask, type Person, request } from './client.ts';

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

/** A live socket of the session that `token` belongs to. */
export async function openSocket(
  roomId: string,
  { id, token }: Pick<Person, 'id' | 'token'>,
): Promise<TestSocket> {
  const params = { id: roomId };
  const { ticket } = await ask(routes.getTicket, { params, token });
  const headers = { upgrade: 'websocket' };
  const { webSocket, status } = await request(routes.openSocket, { params, query: { ticket }, headers });
  if (!webSocket) throw new Error(`no socket: ${status}`);
  const socket = new TestSocket(webSocket, id, token);
  socket.send({ t: 'hello', since: 0 });
  await socket.frame('welcome');
  return socket;
}
