import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestDevice } from './testing/device.ts';
import { keyOf, usedTwice } from './testing/key-of.ts';
import { TestRoom } from './testing/room.ts';
import { Service } from './testing/service.ts';

const service = new Service();
const made = new TestRoom();
const room = made.id;
let ana: TestDevice;
let ben: TestDevice;
let carla: TestDevice;
/** What Ana and Ben have said, in order. */
const said: string[] = [];

/** Appends an entry to the roster; everybody hears of it. */
async function entry(...[by, rest]: Parameters<TestRoom['write']>): Promise<void> {
  await made.write(by, rest);
  await made.tell([ana, ben, carla]);
}

async function joins(who: TestDevice): Promise<void> {
  await made.join(who);
  await made.tell([ana, ben, carla]);
}

async function say(who: TestDevice): Promise<void> {
  const text = `text ${said.length}`;
  said.push(text);
  await who.write(room, text);
}

const everybodyReads = async () => {
  for (const device of [ana, ben, carla]) await device.catchUp(room);
};

/** Does `act` again and again, `victim`'s host dying at its first step, its second, and so on, until it lives through all of it. */
async function killedAtEachStep(victim: TestDevice, act: () => Promise<void>): Promise<number> {
  for (let step = 1; ; step++) {
    // Questions for lost keys have their time.
    vi.setSystemTime(Date.now() + 10 * 60_000);
    const before = victim.deaths;
    victim.doom(step);
    await act();
    expect(await ana.texts(room), `Ana, after a death at step ${step}`).toEqual(said);
    expect(await ben.texts(room), `Ben, after a death at step ${step}`).toEqual(said);
    if (victim.deaths === before) return step;
    expect(victim.deaths).toBe(before + 1);
  }
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  ana = await TestDevice.create(service);
  ben = await TestDevice.create(service);
  carla = await TestDevice.create(service);
  await made.begin([ana, ben, carla]);
  for (const device of [ana, ben]) {
    await say(device);
    await device.flush(room);
    await everybodyReads();
  }
}, 60_000);
afterAll(() => {
  vi.useRealTimers();
  for (const device of [ana, ben, carla]) device.close();
});

/** Ana's sessions and chain are gone: her next message begins with handshakes. */
const anaBeginsAnew = () =>
  ana.change((draft) => {
    for (const { address } of [ben, carla]) draft.delete('sessions', address);
    draft.delete('ownChains', room);
  });

describe('whatever step the host of keys dies at, everything said arrives once, and no key serves twice', {
  timeout: 180_000,
}, () => {
  it('a text', async () => {
    const steps = await killedAtEachStep(ana, async () => {
      await say(ana);
      await ana.flush(room);
      await everybodyReads();
    });
    expect(steps).toBeGreaterThan(8);
  });

  it('a first message, with handshakes', async () => {
    await killedAtEachStep(ana, async () => {
      await anaBeginsAnew();
      await say(ana);
      await ana.flush(room);
      await everybodyReads();
    });
  });

  it('receiving keys and messages', async () => {
    await killedAtEachStep(ben, async () => {
      await anaBeginsAnew();
      for (let i = 0; i < 3; i++) await say(ana);
      await ana.flush(room);
      await everybodyReads();
    });
  });

  it.each(['the one who lacks a key', 'the one who gives it again'])('repair: %s', async (who) => {
    await killedAtEachStep(who === 'the one who lacks a key' ? ben : ana, async () => {
      await ben.change((draft) => draft.delete('sessions', ana.address));
      await ana.change((draft) => draft.delete('ownChains', room));
      await say(ana);
      await ana.flush(room);
      await ben.catchUp(room);
      await ben.flush(room);
      await ana.catchUp(room);
      await ana.flush(room);
      await everybodyReads();
      await ben.repair(room);
    });
  });

  it('a new chain after somebody has left', async () => {
    await killedAtEachStep(ana, async () => {
      await entry(ben, { kind: 'left' });
      await joins(ben);
      await say(ana);
      await ana.flush(room);
      await everybodyReads();
    });
  });
});

it('no message key served for two ciphertexts among all that left', () => {
  expect(usedTwice(service.frames)).toEqual([]);
  const keys = new Set(service.frames.map(keyOf));
  for (const kind of ['chain', 'ratchet'])
    expect([...keys].filter((key) => key.startsWith(kind)).length).toBeGreaterThan(50);
});
