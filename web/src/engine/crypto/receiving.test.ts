import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { toBase64 } from '../../../../protocol/bytes.ts';
import { learnChain } from './chains.ts';
import { TestDevice } from './testing/device.ts';
import { TestRoom } from './testing/room.ts';
import { Service } from './testing/service.ts';

const random = () => toBase64(crypto.getRandomValues(new Uint8Array(32)));

it('however many member lists a member makes up, the newest few are kept', { timeout: 60_000 }, async () => {
  const service = new Service();
  const [ana, ben, carla] = await Promise.all([1, 2, 3].map(() => TestDevice.create(service)));
  const room = new TestRoom();
  await room.begin([ana!, ben!]);
  const shown = [...room.log.entries];
  // Of Carla's coming nobody tells Ben.
  await room.join(carla!);
  await room.tell([ana!]);
  const row = (await ben!.store.get('rooms', room.id))!;
  const unknownHeads = Object.fromEntries(Array.from({ length: 200 }, () => [random(), ana!.id]));
  await ben!.change((draft) => draft.put('rooms', room.id, { ...row, roster: shown, unknownHeads }));
  await ana!.say(room.id, { kind: 'text', body: 'hello' });
  await ben!.catchUp(room.id);
  const heads = Object.keys((await ben!.store.get('rooms', room.id))!.unknownHeads!);
  expect(heads).toHaveLength(50);
  expect(heads.at(-1)).toBe(room.log.verified.roster.head);
  for (const device of [ana, ben, carla]) device!.close();
});

/** Ana and Ben in a room, where she has said something. */
async function afterAWord() {
  const service = new Service();
  const [ana, ben] = (await Promise.all([1, 2].map(() => TestDevice.create(service)))) as [
    TestDevice,
    TestDevice,
  ];
  const room = new TestRoom();
  await room.begin([ana, ben]);
  await ana.say(room.id, { kind: 'text', body: 'one' });
  await ben.catchUp(room.id);
  return { service, ana, ben, room };
}

it('what opens only after a while is new then, and stands in the list of rooms', async () => {
  const { ana, ben, room } = await afterAWord();
  const row = async () => (await ben.store.get('rooms', room.id))!;
  const read = await row();
  expect(read.unread).toBe(1);
  await ben.change((draft) => draft.put('rooms', room.id, { ...read, unread: 0, readSeq: read.cursor }));
  // Its key is lost on the way, asked for, and given again.
  await ben.change((draft) => draft.delete('sessions', ana.address));
  await ana.change((draft) => draft.delete('ownChains', room.id));
  await ana.say(room.id, { kind: 'text', body: 'two', mentions: [ben.id] });
  await ben.catchUp(room.id);
  expect(await row()).toMatchObject({ unread: 0, last: { text: 'one' } });
  await ben.flush(room.id);
  await ana.catchUp(room.id);
  await ana.flush(room.id);
  await ben.catchUp(room.id);
  for (let time = 0; time < 2; time++) {
    await ben.repair(room.id);
    expect(await ben.texts(room.id)).toEqual(['one', 'two']);
    expect(await row()).toMatchObject({ unread: 1, mentioned: 1, last: { text: 'two' } });
  }
  for (const device of [ana, ben]) device.close();
});

it('what opens only after it was deleted stays so', async () => {
  const { service, ana, ben, room } = await afterAWord();
  // Its key is lost on the way; by the time of the deletion there is another.
  await ben.change((draft) => draft.delete('sessions', ana.address));
  await ana.change((draft) => draft.delete('ownChains', room.id));
  await ana.say(room.id, { kind: 'text', body: 'a slip' });
  const { start } = (await ana.store.get('ownChains', room.id))!;
  const slip = service.log.at(-1)!;
  // For a device that comes only now.
  const row = (await ben.store.get('rooms', room.id))!;
  await ben.change((draft) => draft.put('rooms', room.id, { ...row, since: slip.seq }));
  await ben.catchUp(room.id);
  await ben.flush(room.id);
  await ana.catchUp(room.id);
  await ana.change((draft) => draft.delete('ownChains', room.id));
  await ana.say(room.id, { kind: 'delete', target: slip.id, seq: slip.seq });
  await ben.catchUp(room.id);
  await ben.change((draft) =>
    learnChain(draft, { room: room.id, address: ana.address, distribution: start! }),
  );
  await ben.repair(room.id);
  const { content } = (await ben.store.list('messages', `${room.id}/`))
    .map(([, message]) => message)
    .find(({ id }) => id === slip.id)!;
  expect(content).toEqual({ kind: 'deleted' });
  expect((await ben.store.get('rooms', room.id))!.last).toMatchObject({
    id: slip.id,
    text: 'Deleted a message',
  });
  for (const device of [ana, ben]) device.close();
});
