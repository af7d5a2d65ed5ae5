import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInvite, inviteKeyOf, signByInvite, signEntry } from '../../../../crypto/room/index.ts';
import { generateKeyPair } from '../../../../crypto/signal/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import { entryHash, type RosterEntry, type SignedEntry } from '../../../../protocol/roster.ts';
import { deviceAddress } from '../../../../protocol/scalars.ts';
import { Store } from '../store/store.ts';
import { TestDevice } from './testing/device.ts';
import { Service } from './testing/service.ts';

const profile = toBase64(new Uint8Array(40));
let service: Service;
let ana: TestDevice;
let ben: TestDevice;
let carla: TestDevice;
/** Another identity under Ben's name, as a service and a member who conspire can bring it into a room of theirs. */
const impostor = generateKeyPair();
const impostorKey = toBase64(impostor.publicKey);

beforeEach(async () => {
  service = new Service();
  ana = await TestDevice.create(service);
  ben = await TestDevice.create(service);
  carla = await TestDevice.create(service);
});
afterEach(() => {
  for (const device of [ana, ben, carla]) device.close();
});

type Step = 'joins' | 'leaves' | 'joins as impostor' | 'leaves as impostor';

/** A room that Carla made, and into which Ana came; then Ben does these things. */
async function roomWhereBen(...steps: readonly Step[]): Promise<string> {
  const room = uuidv7();
  const invite = createInvite(room);
  const inviteKey = inviteKeyOf(invite);
  const entries: SignedEntry[] = [];
  const append = async (by: TestDevice, rest: object, byInvite = false, asImpostor = false) => {
    const last = entries.at(-1);
    const prev = last ? await entryHash(last) : null;
    const link = { v: 1, room, seq: entries.length, prev, by: by.id, at: Date.now() };
    const body = { ...link, ...rest } as RosterEntry;
    const signed = asImpostor
      ? signEntry(body, impostor.privateKey)
      : await by.do((host) => host.signEntry(body));
    entries.push(byInvite ? signByInvite(signed, invite) : signed);
  };
  const join = (who: TestDevice, asImpostor = false) => {
    const identityKey = asImpostor ? impostorKey : who.identityKey;
    return append(who, { kind: 'joined', identityKey, inviteKey, profile }, true, asImpostor);
  };
  await append(carla, { kind: 'created', identityKey: carla.identityKey, profile });
  const terms = { role: 'member', expires: Date.now() + 1e10, uses: 100, sealed: profile };
  await append(carla, { kind: 'invite', inviteKey, ...terms });
  await join(ana);
  for (const step of steps) {
    const asImpostor = step.endsWith('impostor');
    if (step.startsWith('leaves')) await append(ben, { kind: 'left' }, false, asImpostor);
    else await join(ben, asImpostor);
  }
  for (const device of [ana, ben, carla]) await device.enter(room, entries);
  return room;
}

const trust = async (who: TestDevice, room: string, whom: TestDevice) =>
  (await who.do((host) => host.trust(room))).get(whom.id);
const numberOf = (who: TestDevice, room: string, whom: TestDevice) =>
  who.do((host) => host.safetyNumber(room, whom.id));
const mark = async (who: TestDevice, room: string, whom: TestDevice) => {
  const { code } = await numberOf(who, room, whom);
  await who.do((host) => host.markVerified(room, whom.id, code));
};
/** Ana says something; answers who was given a key. */
async function readersOf(room: string): Promise<string[]> {
  const before = service.frames.length;
  await ana.write(room, 'hello');
  await ana.flush(room);
  return [...new Set(service.frames.slice(before).flatMap(({ recipient }) => recipient ?? []))];
}

describe('a safety number', () => {
  it('is the same for both, and each accepts what the other shows, and nothing else', async () => {
    const room = await roomWhereBen('joins');
    const here = await numberOf(ana, room, ben);
    const there = await numberOf(ben, room, ana);
    expect(here.digits).toMatch(/^\d{60}$/);
    expect(there.digits).toBe(here.digits);
    const check = (scanned: string) => ana.do((host) => host.checkCode(room, ben.id, scanned));
    expect(await check(there.code)).toBe('match');
    expect(await check(here.code)).toBe('mismatch');
    expect(await check((await numberOf(carla, room, ana)).code)).toBe('mismatch');
    for (const other of ['https://example.org', '', `${there.code}AA`])
      expect(await check(other)).toBe('no-code');
  });

  it('is another one where somebody sits in between', async () => {
    const room = await roomWhereBen('joins as impostor');
    const here = await numberOf(ana, room, ben);
    const there = await numberOf(ben, room, ana);
    expect(here.digits).not.toBe(there.digits);
    expect(await ana.do((host) => host.checkCode(room, ben.id, there.code))).toBe('mismatch');
  });

  it('there is none with oneself, or with who is not in the room', async () => {
    const room = await roomWhereBen('joins', 'leaves');
    for (const whom of [ana, ben])
      await expect(numberOf(ana, room, whom)).rejects.toMatchObject({ reason: 'not-a-member' });
  });
});

describe('a mark', () => {
  it('outlives the host, holds in every room, and can be taken back', async () => {
    const [room, other] = [await roomWhereBen('joins'), await roomWhereBen('joins')];
    expect(await trust(ana, room, ben)).toBe('unverified');
    await mark(ana, room, ben);
    ana.doom(Number.POSITIVE_INFINITY);
    expect(await trust(ana, room, ben)).toBe('verified');
    expect(await trust(ana, other, ben)).toBe('verified');
    expect(await trust(ana, room, carla)).toBe('unverified');
    expect(await ana.do((host) => host.trust(room))).not.toContain(ana.id);
    await ana.do((host) => host.unmark(ben.id));
    expect(await trust(ana, room, ben)).toBe('unverified');
  });

  it('is set for the number that was compared, and no other', async () => {
    const room = await roomWhereBen('joins');
    const { code } = await numberOf(ana, room, carla);
    const wrong = ana.do((host) => host.markVerified(room, ben.id, code));
    await expect(wrong).rejects.toMatchObject({ reason: 'other-number' });
    expect(await trust(ana, room, ben)).toBe('unverified');
  });
});

describe('another identity under the name of somebody', () => {
  const ghost = () => expect.stringContaining(ben.id);

  it('verified: nothing at all is sent to the room, and the mark can’t be moved', async () => {
    await mark(ana, await roomWhereBen('joins'), ben);
    const room = await roomWhereBen('joins as impostor');
    expect(await trust(ana, room, ben)).toBe('contradicted');
    await expect(readersOf(room)).rejects.toMatchObject({ reason: 'contradicted' });
    expect(service.frames).toEqual([]);
    await expect(mark(ana, room, ben)).rejects.toMatchObject({ reason: 'contradicted' });
  });

  it('not verified: no device of theirs gets a key, also none never met; the others do, and it is noted', async () => {
    const real = await roomWhereBen('joins');
    await readersOf(real);
    const room = await roomWhereBen('joins as impostor');
    expect(await trust(ana, room, ben)).toBe('changed');
    service.admit(ben.id, impostorKey);
    expect(await readersOf(room)).toEqual([deviceAddress(carla.id, 1)]);
    expect((await ana.store.get('rooms', room))!.leftOut).toEqual({
      [ben.id]: 'They are not who this account was when you first wrote to it.',
    });
    await expect(mark(ana, room, ben)).rejects.toMatchObject({ reason: 'changed-identity' });
    // The service tells the truth again; where Ben is himself, nothing has changed.
    service.admit(ben.id, ben.identityKey);
    await ben.do((host) => host.publishDevice());
    expect(await trust(ana, real, ben)).toBe('unverified');
  });

  it('a mark that was taken back is remembered as much as a first message', async () => {
    const real = await roomWhereBen('joins');
    await mark(ana, real, ben);
    await ana.do((host) => host.unmark(ben.id));
    expect(await trust(ana, real, ben)).toBe('unverified');
    const room = await roomWhereBen('joins as impostor');
    expect(await trust(ana, room, ben)).toBe('changed');
    service.admit(ben.id, impostorKey);
    expect(await readersOf(room)).toEqual([deviceAddress(carla.id, 1)]);
  });

  it('is seen by a device that never met them, from the room’s own log', async () => {
    const room = await roomWhereBen('joins', 'leaves', 'joins as impostor');
    expect(await trust(ana, room, ben)).toBe('changed');
    service.admit(ben.id, impostorKey);
    expect(await readersOf(room)).not.toContainEqual(ghost());
    // Who returns as themselves is known again.
    const back = await roomWhereBen('joins', 'leaves', 'joins as impostor', 'leaves as impostor', 'joins');
    expect(await trust(ana, back, ben)).toBe('unverified');
  });
});

it('a store of version 4 keeps what it has, and takes marks', async () => {
  const name = crypto.randomUUID();
  const tables = 'keys account backups rooms messages outbox uploads uploadObjects'.split(' ');
  const keyTables = 'secrets prekeys sessions peers ownChains chains'.split(' ');
  const seed = await Store.open(`${name}-seed`);
  await seed.write([{ table: 'uploadObjects', key: 'a/0', value: { hash: toBase64(new Uint8Array(32)) } }]);
  seed.close();
  // As it was written then: the same key at rest, the same sealed row.
  const from = await openDB(`${name}-seed`);
  const old = await openDB(name, 4, {
    upgrade: (db) => {
      for (const table of [...tables, ...keyTables]) db.createObjectStore(table);
    },
  });
  await old.put('keys', await from.get('keys', 'at-rest'), 'at-rest');
  await old.put('uploadObjects', await from.get('uploadObjects', 'a/0'), 'a/0');
  for (const db of [from, old]) db.close();
  const store = await Store.open(name);
  expect(await store.get('uploadObjects', 'a/0')).toEqual({ hash: toBase64(new Uint8Array(32)) });
  const contact = { identityKey: impostorKey, verifiedAt: 1 };
  await store.write([{ table: 'contacts', key: 'a', value: contact }]);
  expect(await store.get('contacts', 'a')).toEqual(contact);
  store.close();
});
