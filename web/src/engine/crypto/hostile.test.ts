import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createInvite, inviteKeyOf, signByInvite } from '../../../../crypto/room/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { RosterEntry } from '../../../../protocol/roster.ts';
import { RosterLog } from '../rooms/roster.ts';
import { TestDevice } from './testing/device.ts';
import { keyOf } from './testing/key-of.ts';
import { Service } from './testing/service.ts';

const room = uuidv7();
const service = new Service();
let ana: TestDevice;
let ben: TestDevice;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  [ana, ben] = [await TestDevice.create(service), await TestDevice.create(service)];
  const invite = createInvite(room);
  const profile = toBase64(new Uint8Array(40));
  const inviteKey = inviteKeyOf(invite);
  const terms = { role: 'member', expires: Date.now() + 1e10, uses: 9, sealed: profile } as const;
  const log = new RosterLog(room);
  for (const [by, rest] of [
    [ana, { kind: 'created', identityKey: ana.identityKey, profile }],
    [ana, { kind: 'invite', inviteKey, ...terms }],
    [ben, { kind: 'joined', identityKey: ben.identityKey, inviteKey, profile }],
  ] as const) {
    const { seq, head: prev } = log.entries.length ? log.verified.roster : { seq: -1, head: null };
    const entry = { v: 1, room, seq: seq + 1, prev, by: by.id, at: Date.now(), ...rest } as RosterEntry;
    const signed = await by.do((host) => host.signEntry(entry));
    await log.add([rest.kind === 'joined' ? signByInvite(signed, invite) : signed]);
  }
  for (const device of [ana, ben]) await device.enter(room, [...log.entries]);
});
afterAll(() => {
  vi.useRealTimers();
  for (const device of [ana, ben]) device.close();
});

/** Ana writes `texts`; answers which chain each of them went out with. */
async function say(...texts: string[]): Promise<string[]> {
  const before = service.log.length;
  for (const text of texts) {
    await ana.write(room, text);
    await ana.flush(room);
  }
  await ben.catchUp(room);
  const said = service.log.slice(before).filter(({ recipient }) => recipient === undefined);
  return said.map((frame) => keyOf(frame).split(' ').slice(0, 3).join(' '));
}

/** Ana's chain has served so long, or so often. */
const age = async (change: (chain: { count: number; createdAt: number }) => object) => {
  const chain = (await ana.store.get('ownChains', room))!;
  await ana.change((draft) => draft.put('ownChains', room, { ...chain, ...change(chain) }));
};

beforeEach(async () => {
  await ana.change((draft) => draft.delete('ownChains', room));
});

it('a sender chain serves a hundred messages, and the next goes out with a new one that its readers have', async () => {
  const [first] = await say('1');
  await age(() => ({ count: 98 }));
  const [second, third, fourth, fifth] = await say('99', '100', '101', '102');
  expect([second, third]).toEqual([first, first]);
  expect(fourth).not.toBe(first);
  expect(fifth).toBe(fourth);
  expect((await ben.texts(room)).slice(-5)).toEqual(['1', '99', '100', '101', '102']);
});

it('a sender chain serves a day, and not longer', async () => {
  const day = 24 * 3_600_000;
  const [first] = await say('morning');
  await age(() => ({ createdAt: Date.now() - day }));
  expect(await say('next morning')).toEqual([first]);
  await age(() => ({ createdAt: Date.now() - day - 1 }));
  const [third, fourth] = await say('too late', 'after it');
  expect(third).not.toBe(first);
  expect(fourth).toBe(third);
  expect((await ben.texts(room)).slice(-4)).toEqual(['morning', 'next morning', 'too late', 'after it']);
});

it('a handshake that the service repeats under other numbers brings nothing and takes nothing', async () => {
  await ana.change((draft) => draft.delete('sessions', ben.address));
  const before = service.log.length;
  await say('hello');
  const handshake = service.log.slice(before).find(({ recipient }) => recipient === ben.address)!;
  const known = async () =>
    Promise.all((['sessions', 'chains', 'prekeys', 'outbox'] as const).map((table) => ben.store.list(table)));
  const [state, texts] = [await known(), await ben.texts(room)];
  const seq = service.log.length + 1;
  const items = [0, 1].map((i) => ({ ...handshake, id: uuidv7(), seq: seq + i }));
  const received = await ben.do((host) => host.receive(room, items, true));
  expect(received).toMatchObject({ handshakes: 0, says: false });
  expect(await known()).toEqual(state);
  expect(await ben.texts(room)).toEqual(texts);
});
