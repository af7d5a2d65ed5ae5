import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { toBase64 } from '../../../../protocol/bytes.ts';
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
