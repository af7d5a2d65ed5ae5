import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CallPayload } from '../../../../protocol/content.ts';
import { Store } from '../store/store.ts';
import { TestDevice } from './testing/device.ts';
import { TestRoom } from './testing/room.ts';
import { Service } from './testing/service.ts';

let ana: TestDevice;
let ben: TestDevice;
let carla: TestDevice;
let stranger: TestDevice;
let room: TestRoom;
const call = uuidv7();

beforeEach(async () => {
  const service = new Service();
  [ana, ben, carla, stranger] = (await Promise.all([1, 2, 3, 4].map(() => TestDevice.create(service)))) as [
    TestDevice,
    TestDevice,
    TestDevice,
    TestDevice,
  ];
  room = new TestRoom();
  await room.begin([ana, ben, carla]);
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const device of [ana, ben, carla, stranger]) device.close();
});

const epoch = (n: number): CallPayload => ({
  kind: 'call',
  v: 1,
  room: room.id,
  call,
  signal: { t: 'key-ack', stay: call, epoch: n },
});
const seal = (...signals: readonly (readonly [TestDevice, number])[]) =>
  ana.do((host) =>
    host.sealSignals(
      room.id,
      signals.map(([{ address }, n]) => ({ address, payload: epoch(n) })),
    ),
  );
/** What `device` reads of these, said to be of Ana's device, in their order; `refused` for what it does not believe. */
const read = async (device: TestDevice, boxes: readonly (string | undefined)[]) => {
  const sent = boxes.map((box) => ({ address: ana.address, box: box! }));
  const { signals } = await device.do((host) => host.openSignals(room.id, sent));
  return signals.map(({ payload, refused }) => {
    if (refused || payload?.signal.t !== 'key-ack') return 'refused';
    return payload.signal.epoch;
  });
};
/** How often something is written to the disk while `task` runs. */
const writesOf = async (task: () => Promise<unknown>) => {
  const write = vi.spyOn(Store.prototype, 'write');
  await task();
  const count = write.mock.calls.length;
  write.mockRestore();
  return count;
};

it('signals for several devices are sealed together, by one write, and each reads its own in order', async () => {
  await read(ben, await seal([ben, 0]));
  await read(carla, await seal([carla, 0]));
  let boxes: (string | undefined)[] = [];
  const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
  const written = await writesOf(async () => {
    boxes = await seal(...numbers.map((n) => [n % 2 ? ben : carla, n] as const));
  });
  expect(written).toBe(1);
  const odd = numbers.filter((n) => n % 2);
  const opened = await writesOf(async () => {
    expect(
      await read(
        ben,
        odd.map((n) => boxes[n - 1]),
      ),
    ).toEqual(odd);
  });
  expect(opened).toBe(1);
  const even = numbers.filter((n) => n % 2 === 0);
  expect(
    await read(
      carla,
      even.map((n) => boxes[n - 1]),
    ),
  ).toEqual(even);
});

it('one that can’t be sealed, or is not to be believed, holds up none beside it', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const [first, none, carlas, third] = await seal([ben, 1], [stranger, 2], [carla, 3], [ben, 4]);
  expect(none).toBeUndefined();
  // One is for somebody else, and one comes twice.
  expect(await read(ben, [first, carlas, third, third])).toEqual([1, 'refused', 4, 'refused']);
});
