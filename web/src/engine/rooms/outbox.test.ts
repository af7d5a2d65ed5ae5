import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { afterEach, expect, it, vi } from 'vitest';
import type { Outgoing } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { TestDevice } from '../crypto/testing/device.ts';
import { TestRoom } from '../crypto/testing/room.ts';
import { Service } from '../crypto/testing/service.ts';
import { Outbox } from './outbox.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Ana's outbox in a room with Ben, on a line to a service that takes everything and whose answers are given by hand. */
async function anas(onChange: () => Promise<void>) {
  const service = new Service();
  const [ana, ben] = [await TestDevice.create(service), await TestDevice.create(service)];
  const room = new TestRoom();
  await room.begin([ana, ben]);
  const left: Outgoing[] = [];
  const released: (readonly string[])[] = [];
  const keys: Pick<Session['keys'], 'seal' | 'release'> = {
    seal: (...args) => ana.do((host) => host.seal(...args)),
    release: (...args) => {
      released.push(args[3]);
      return ana.do((host) => host.release(...args));
    },
  };
  const outbox = new Outbox({
    session: { store: ana.store, keys } as unknown as Session,
    room: room.id,
    roster: room.log,
    transmit: (frame) => {
      left.push(frame);
      service.take(ana.id, frame);
      return true;
    },
    onChange,
    onSealed: () => {},
  });
  const say = async (body: string) => {
    const id = uuidv7();
    await outbox.add({ id, room: room.id, at: Date.now(), content: { kind: 'text', body } });
    return id;
  };
  const leaves = (accept: (frame: Outgoing) => boolean) =>
    vi.waitFor(() => expect(left.some(accept)).toBe(true), 30_000);
  const close = async () => {
    await outbox.close();
    for (const device of [ana, ben]) device.close();
  };
  return { ana, room: room.id, outbox, left, released, say, leaves, close };
}

it('a message that is kept goes out, and is not said to have failed because it could not be shown', async () => {
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
  const { outbox, left, say, leaves, close } = await anas(() => Promise.reject(new Error('no screen')));
  outbox.connected();
  const id = await say('hello');
  await leaves(({ recipient }) => recipient !== undefined);
  for (const frame of left.filter(({ recipient }) => recipient !== undefined)) outbox.accepted(frame.id);
  await leaves((frame) => frame.id === id);
  expect(complaints).toHaveBeenCalled();
  await close();
}, 60_000);

it('nothing is remembered of what the room has, once the message is gone', async () => {
  const { ana, room, outbox, left, released, say, leaves, close } = await anas(async () => {});
  outbox.connected();
  const first = await say('one');
  await leaves(({ recipient }) => recipient !== undefined);
  for (const frame of left.filter(({ recipient }) => recipient !== undefined)) outbox.accepted(frame.id);
  await leaves((frame) => frame.id === first);
  await ana.catchUp(room);
  const second = await say('two');
  await leaves((frame) => frame.id === second);
  await outbox.discard(second);
  expect(released).toEqual([[]]);
  await close();
}, 60_000);
