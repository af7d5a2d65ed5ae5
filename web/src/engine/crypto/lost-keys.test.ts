import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { acceptDistribution } from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { Content } from '../../../../protocol/content.ts';
import { createLocks } from '../store/locks.ts';
import { Store } from '../store/store.ts';
import {
  distributionOf,
  giveChain,
  learnChain,
  ownChain,
  pruneChains,
  restoreChain,
  sealForRoom,
} from './chains.ts';
import { Followed } from './followed.ts';
import { answer, askFor } from './lost-keys.ts';

const room = uuidv7();
const newStore = () => Store.open(`lost-${crypto.randomUUID()}`);

it('whoever makes up payloads of many devices gets few questions out of this one, none too long to be sent', async () => {
  const draft = (await newStore()).draft();
  const everyDevice = [uuidv7(), uuidv7()].flatMap((user) =>
    Array.from({ length: 127 }, (_, i) => `${user}:${i + 1}`),
  );
  let asked: Record<string, number> = {};
  let questions = 0;
  const batches = [everyDevice, ...everyDevice.slice(0, 20).map((address) => [address])];
  for (const batch of batches) {
    const { ask, ...rest } = await askFor(draft, room, new Set(batch), asked);
    asked = rest.asked;
    if (ask.length === 0) continue;
    questions++;
    expect(Content.safeParse({ kind: 'device', deviceId: 1, lost: ask }).success).toBe(true);
  }
  expect(questions).toBe(1);
  expect(Object.keys(asked)).toHaveLength(4);
  // A device that this one has met is asked all the same.
  draft.put('sessions', everyDevice[99]!, { record: toBase64(utf8('x')) });
  expect((await askFor(draft, room, new Set(everyDevice), asked)).ask).toEqual([everyDevice[99]]);
});

it('who was given no chain is not answered: devices that do not exist make nobody speak', async () => {
  const draft = (await newStore()).draft();
  const [me, eve] = [`${uuidv7()}:1`, uuidv7()];
  const chain = await ownChain(draft, room, 0, new Set([`${eve}:1`]));
  draft.put('ownChains', room, giveChain(chain, `${eve}:1`).chain);
  const asks = (device: number) =>
    answer(draft, room, me, { sender: eve, device }, { kind: 'device', deviceId: device, lost: [me] });
  expect(await asks(2)).toBeUndefined();
  expect(await asks(1)).toEqual({ [`${eve}:1`]: expect.any(Number) });
});

it('a chain that was forgotten opens no repetition of what it said, learned or restored once more', async () => {
  const [anas, store] = [await newStore(), await newStore()];
  const address = `${uuidv7()}:1`;
  const writing = anas.draft();
  const own = await ownChain(writing, room, 0, new Set());
  const distribution = distributionOf(own);
  const said = sealForRoom(writing, room, own, utf8('once'));
  const draft = store.draft();
  const chain = { room, address, distribution };
  expect(await learnChain(draft, chain)).toBe(true);
  const message = { sender: address.slice(0, 36), device: 1, box: toBase64(said) };
  const followed = new Followed(draft, room);
  expect(await followed.open(message)).toMatchObject({ plaintext: utf8('once') });
  followed.keep();
  await draft.commit();
  const [key, row] = (await store.list('chains'))[0]!;
  const [year, secret] = [365 * 24 * 3_600_000, acceptDistribution(fromBase64(distribution)).chain.key];
  draft.put('chains', key, { ...row, learnedAt: Date.now() - year });
  await draft.commit();
  await pruneChains({ store, locks: createLocks('lost') });
  const [, left] = (await store.list('chains'))[0]!;
  expect(left.state).not.toBe(row.state);
  expect(Buffer.from(fromBase64(left.state)).includes(Buffer.from(secret))).toBe(false);
  const again = store.draft();
  expect(await learnChain(again, chain)).toBe(false);
  expect(await restoreChain(again, chain)).toBe(false);
  await expect(new Followed(again, room).open(message)).rejects.toMatchObject({
    reason: 'duplicate-message',
  });
});
