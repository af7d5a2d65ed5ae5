import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { routes } from '../../protocol/rest/index.ts';
import { openDatabase } from '../db/client.ts';
import { oneTimePreKeys } from '../db/schema.ts';
import {
  ask,
  deviceList,
  newPerson,
  type Person,
  problemIn,
  random,
  refusal,
  request,
} from '../test/client.ts';
import { newRoom, openSocket } from '../test/rooms.ts';

const database = openDatabase(env);
const signedPreKey = (id: number) => ({ id, publicKey: random(33), signature: random(64) });
const kyberPreKey = (id: number) => ({ id, publicKey: random(1569), signature: random(64) });
const ecKeys = (count: number, first = 1) =>
  Array.from({ length: count }, (_, i) => ({ id: first + i, publicKey: random(33) }));
const kyberKeys = (count: number, first = 1) =>
  Array.from({ length: count }, (_, i) => kyberPreKey(first + i));

/** What publishes device `deviceId` in a list of `ids`. */
const device = (
  person: Person,
  deviceId: number,
  version: number,
  ids = [deviceId],
  changed: object = {},
) => ({
  token: person.token,
  body: {
    deviceId,
    registrationId: 100 + deviceId,
    signedPreKey: signedPreKey(1),
    deviceList: deviceList(person.id, version, ids),
    ...changed,
  },
});
const bundles = (caller: Person, of: Person, devices: string, room?: string) => ({
  token: caller.token,
  params: { id: of.id },
  query: { devices, ...(room !== undefined && { room }) },
});

describe('one’s devices', () => {
  it('are listed with their sealed names, named anew, and dropped by a list without them', async () => {
    const ana = await newPerson();
    const [first, second] = [random(40), random(40)];
    await ask(routes.putDevice, device(ana, 1, 1, [1], { sealedName: first }));
    await ask(routes.putDevice, device(ana, 2, 2, [1, 2]));
    // Publishing again, with new keys, keeps the name.
    await ask(routes.putDevice, device(ana, 1, 3, [1, 2]));
    const { token } = ana;
    const { items } = await ask(routes.listDevices, { token });
    expect(items.map(({ deviceId, sealedName }) => [deviceId, sealedName])).toEqual([
      [1, first],
      [2, null],
    ]);
    await ask(routes.nameDevice, { token, params: { device: 2 }, body: { sealedName: second } });
    const body = { deviceList: deviceList(ana.id, 4, [2], 2) };
    await ask(routes.dropDevice, { token, params: { device: 1 }, body });
    // The answer was lost: once more.
    await ask(routes.dropDevice, { token, params: { device: 1 }, body });
    const after = await ask(routes.listDevices, { token });
    expect(after.items.map(({ sealedName }) => sealedName)).toEqual([second]);
    const reply = await ask(routes.getBundles, bundles(ana, ana, '1,2'));
    expect(reply.bundles.map(({ deviceId }) => deviceId)).toEqual([2]);
    expect(reply.deviceList).toEqual(body.deviceList);
  });

  it('are dropped by nobody else, by no stale list, and by none that still names them', async () => {
    const [ana, eve] = [await newPerson(), await newPerson()];
    await ask(routes.putDevice, device(ana, 1, 1, [1]));
    const { token } = ana;
    const drop = (version: number, ids: number[], by = ana) =>
      refusal(routes.dropDevice, {
        token: by.token,
        params: { device: 1 },
        body: { deviceList: deviceList(ana.id, version, ids, 1) },
      });
    expect(await drop(3, [])).toBe('conflict');
    expect(await drop(2, [1])).toBe('invalid-body');
    expect(await drop(2, [], eve)).toBe('invalid-body');
    expect(
      await refusal(routes.nameDevice, {
        token: eve.token,
        params: { device: 1 },
        body: { sealedName: random(40) },
      }),
    ).toBe('not-found');
    expect((await ask(routes.listDevices, { token })).items).toHaveLength(1);
  });

  it('take their sessions and sockets along, also what the session still could do', async () => {
    const ana = await newPerson();
    await ask(routes.putDevice, device(ana, 1, 1, [1]));
    const { email, password } = ana;
    const phone = await ask(routes.login, { body: { email, password, transport: 'body' } });
    await ask(routes.putDevice, { ...device(ana, 2, 2, [1, 2]), token: phone.accessToken });
    const room = await newRoom(ana);
    const socket = await openSocket(room.id, { id: ana.id, token: phone.accessToken });
    const body = { deviceList: deviceList(ana.id, 3, [1], 2) };
    await ask(routes.dropDevice, { token: ana.token, params: { device: 2 }, body });
    expect((await socket.closed).code).toBe(4401);
    const revenge = { deviceList: deviceList(ana.id, 4, [2], 2) };
    expect(
      await refusal(routes.dropDevice, { token: phone.accessToken, params: { device: 1 }, body: revenge }),
    ).toBe('session-revoked');
    const back = { ...device(ana, 2, 4, [1, 2]), token: phone.accessToken };
    expect(await refusal(routes.putDevice, back)).toBe('session-revoked');
  });
});

describe('publishing a device', () => {
  it('answers the stock, and hands the same out again', async () => {
    const ana = await newPerson();
    const put = device(ana, 1, 1, [1], {
      kyberPreKey: kyberPreKey(9),
      oneTimePreKeys: ecKeys(3),
      kyberPreKeys: kyberKeys(2),
    });
    expect(await ask(routes.putDevice, put)).toEqual({ oneTime: 3, kyber: 2 });
    expect(await ask(routes.putDevice, put)).toEqual({ oneTime: 3, kyber: 2 });
    const reply = await ask(routes.getBundles, bundles(ana, ana, '1'));
    expect(reply.identityKey).toBe((await ask(routes.me, { token: ana.token })).user.publicKey);
    expect(reply.deviceList).toEqual(put.body.deviceList);
    expect(reply.bundles).toMatchObject([
      {
        deviceId: 1,
        registrationId: 101,
        signedPreKey: put.body.signedPreKey,
        oneTimePreKey: { id: 1 },
        kyberPreKey: { id: 1 },
      },
    ]);
  });

  it('takes only the list that follows, or the same again', async () => {
    const ana = await newPerson();
    const first = device(ana, 1, 1);
    await ask(routes.putDevice, first);
    expect(await refusal(routes.putDevice, device(ana, 2, 1, [1, 2]))).toBe('conflict');
    expect(await refusal(routes.putDevice, device(ana, 2, 3, [1, 2]))).toBe('conflict');
    const second = device(ana, 2, 2, [1, 2]);
    await ask(routes.putDevice, second);
    expect(await refusal(routes.putDevice, first)).toBe('conflict');
    await ask(routes.putDevice, second);
    const { deviceList: stored } = await ask(routes.getBundles, {
      token: ana.token,
      params: { id: ana.id },
      query: {},
    });
    expect(stored).toEqual(second.body.deviceList);
    const ben = await newPerson();
    expect(await refusal(routes.putDevice, device(ben, 1, 2))).toBe('conflict');
  });

  it('lets one of two devices be first', async () => {
    const ana = await newPerson();
    await ask(routes.putDevice, device(ana, 1, 1));
    const results = await Promise.allSettled(
      [2, 3].map((id) => ask(routes.putDevice, device(ana, id, 2, [1, id]))),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const { bundles: published } = await ask(routes.getBundles, bundles(ana, ana, '1,2,3'));
    expect(published).toHaveLength(2);
  });

  it("refuses a list that is somebody else's, doesn't name the device, or is none", async () => {
    const [ana, ben] = [await newPerson(), await newPerson()];
    const refused = async (list: { body: string; signature: string }) =>
      refusal(routes.putDevice, device(ana, 1, 1, [1], { deviceList: list }));
    expect(await refused(deviceList(ben.id, 1, [1]))).toBe('invalid-body');
    expect(await refused(deviceList(ana.id, 1, [2]))).toBe('invalid-body');
    expect(await refused(deviceList(ana.id, 1, [1, 1]))).toBe('invalid-body');
    expect(await refused(deviceList(ana.id, 1, [1, 5], 4))).toBe('invalid-body');
    expect(await refused({ body: random(50), signature: random(64) })).toBe('invalid-body');
    expect(await refusal(routes.putDevice, device(ana, 1, 1, [1], { registrationId: 7 }))).toBe(
      'invalid-body',
    );
  });

  it('forgets a device, and all of its keys, that the list names no more', async () => {
    const ana = await newPerson();
    await ask(routes.putDevice, device(ana, 1, 1, [1], { oneTimePreKeys: ecKeys(3) }));
    const list = deviceList(ana.id, 2, [2]);
    await ask(routes.putDevice, device(ana, 2, 2, [2], { deviceList: list, oneTimePreKeys: ecKeys(1) }));
    const { bundles: left } = await ask(routes.getBundles, bundles(ana, ana, '1,2'));
    expect(left.map(({ deviceId }) => deviceId)).toEqual([2]);
    expect(await database.$count(oneTimePreKeys, eq(oneTimePreKeys.userId, ana.id))).toBe(1);
    const more = { token: ana.token, body: { deviceId: 1, oneTimePreKeys: ecKeys(1) } };
    expect(await refusal(routes.addPreKeys, more)).toBe('not-found');
  });
});

describe('a device that the list names no more', () => {
  it('has no session either, and its sockets close; the others go on', async () => {
    const laptop = await newPerson();
    const { email, password } = laptop;
    const signIn = () => ask(routes.login, { body: { email, password, transport: 'body' } });
    const [phone, tablet] = [await signIn(), await signIn()];
    await ask(routes.putDevice, device(laptop, 1, 1));
    const token = phone.accessToken;
    await ask(routes.putDevice, { ...device(laptop, 2, 2, [1, 2]), token });
    await ask(routes.addPreKeys, { token: tablet.accessToken, body: { deviceId: 1 } });
    const room = await newRoom(laptop);
    const socket = await openSocket(room.id, { id: laptop.id, token });
    await ask(routes.putDevice, device(laptop, 1, 3, [1]));
    expect(await socket.frame('gone')).toMatchObject({ reason: 'signed-out' });
    const refresh = ({ refreshToken = '' }: { refreshToken?: string | undefined }) => ({
      body: { refreshToken },
    });
    expect(await refusal(routes.refresh, refresh(phone))).toBe('session-revoked');
    for (const other of [laptop, tablet]) await ask(routes.refresh, refresh(other));
  });
});

describe('one-time prekeys', () => {
  it('are each handed out exactly once to 50 people at a time, then the last-resort key', async () => {
    const ana = await newPerson();
    const lastResort = kyberPreKey(99);
    const keys = { oneTimePreKeys: ecKeys(40), kyberPreKeys: kyberKeys(30), kyberPreKey: lastResort };
    await ask(routes.putDevice, device(ana, 1, 1, [1], keys));
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => ask(routes.getBundles, bundles(ana, ana, '1'))),
    );
    const handedOut = replies.map((reply) => reply.bundles[0]!);
    const ec = handedOut.flatMap(({ oneTimePreKey }) => oneTimePreKey ?? []);
    const kyber = handedOut.map((bundle) => bundle.kyberPreKey!);
    const byId = (a: { id: number }, b: { id: number }) => a.id - b.id;
    expect(ec.sort(byId)).toEqual(keys.oneTimePreKeys);
    expect(kyber.sort(byId)).toEqual([...keys.kyberPreKeys, ...Array(20).fill(lastResort)]);
    expect(await ask(routes.addPreKeys, { token: ana.token, body: { deviceId: 1 } })).toEqual({
      oneTime: 0,
      kyber: 0,
    });
  });

  it('are handed out to one person 30 times a minute at most', async () => {
    const [ana, ben, carla] = await Promise.all([newPerson(), newPerson(), newPerson()]);
    await ask(routes.putDevice, device(ana, 1, 1, [1], { oneTimePreKeys: ecKeys(60) }));
    const room = await newRoom(ana);
    for (const person of [ben, carla]) await room.join(person);
    const statuses = async (caller: Person, devices: string) =>
      (await request(routes.getBundles, bundles(caller, ana, devices, room.id))).status;
    const answers = await Promise.all(Array.from({ length: 33 }, () => statuses(ben, '1')));
    expect(answers.sort()).toEqual([...Array(30).fill(200), ...Array(3).fill(429)]);
    const refused = await request(routes.getBundles, bundles(ben, ana, '1', room.id));
    expect((await problemIn(refused)).retryAfter).toBeGreaterThan(0);
    expect(await ask(routes.addPreKeys, { token: ana.token, body: { deviceId: 1 } })).toEqual({
      oneTime: 30,
      kyber: 0,
    });
    // The list alone takes no key, and others have their own count.
    const list = { token: ben.token, params: { id: ana.id }, query: { room: room.id } };
    await ask(routes.getBundles, list);
    expect(await statuses(carla, '1')).toBe(200);
  });

  it('are kept up to a number that no client needs', async () => {
    const ana = await newPerson();
    await ask(routes.putDevice, device(ana, 1, 1));
    const add = (first: number) =>
      ask(routes.addPreKeys, {
        token: ana.token,
        body: { deviceId: 1, oneTimePreKeys: ecKeys(200, first) },
      });
    for (let i = 0; i < 5; i++) await add(1 + i * 200);
    expect(await add(1001)).toEqual({ oneTime: 1000, kyber: 0 });
    await ask(routes.getBundles, bundles(ana, ana, '1'));
    expect((await add(1001)).oneTime).toBeGreaterThan(1000);
  });

  it('do not come back when their upload is repeated after one was handed out', async () => {
    const ana = await newPerson();
    const keys = ecKeys(2);
    const put = device(ana, 1, 1, [1], { oneTimePreKeys: keys });
    await ask(routes.putDevice, put);
    await ask(routes.getBundles, bundles(ana, ana, '1'));
    expect(await ask(routes.putDevice, put)).toEqual({ oneTime: 1, kyber: 0 });
    const more = {
      token: ana.token,
      body: { deviceId: 1, oneTimePreKeys: [...keys, ...ecKeys(2, 3)] },
    };
    expect(await ask(routes.addPreKeys, more)).toEqual({ oneTime: 3, kyber: 0 });
    const { bundles: next } = await ask(routes.getBundles, bundles(ana, ana, '1'));
    expect(next[0]?.oneTimePreKey?.id).toBe(2);
  });
});

describe('reading bundles', () => {
  it('is for people of a common room, as long as it is common', async () => {
    const [ana, ben, stranger] = await Promise.all([newPerson(), newPerson(), newPerson()]);
    await ask(routes.putDevice, device(ana, 1, 1));
    const room = await newRoom(ana);
    const alone = await newRoom(ben);
    const asked = (caller: Person, id?: string) => bundles(caller, ana, '1', id);
    expect(await refusal(routes.getBundles, asked(ben, room.id))).toBe('not-a-member');
    await room.join(ben);
    expect((await ask(routes.getBundles, asked(ben, room.id))).bundles).toHaveLength(1);
    expect(await refusal(routes.getBundles, asked(ben))).toBe('not-a-member');
    expect(await refusal(routes.getBundles, asked(ben, alone.id))).toBe('not-a-member');
    expect(await refusal(routes.getBundles, asked(stranger, room.id))).toBe('not-a-member');
    expect(await refusal(routes.getBundles, asked(stranger, crypto.randomUUID()))).toBe('not-a-member');
    await room.remove(ben);
    expect(await refusal(routes.getBundles, asked(ben, room.id))).toBe('not-a-member');
  });
});
