import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { deriveAccountKeys, deriveMasterKey } from '../crypto/account/index.ts';
import { toBase64 } from '../protocol/bytes.ts';
import { problem } from '../protocol/problem.ts';
import { type Device, type Engine, type RoomView, until } from '../web/src/engine/index.ts';
import { Store } from '../web/src/engine/store/store.ts';
import {
  idOf,
  letIn,
  openEngine,
  register,
  texts,
  untilKnown,
  untilOnline,
  untilText,
  untilView,
} from './headless.ts';
import { openLiar, Refusal } from './liar.ts';
import { type Line, openLine } from './line.ts';
import { call } from './rest.ts';
import { closeLater, startSystem, system } from './started.ts';
import { contains } from './stored.ts';

startSystem({ web: false });
let line: Line;
beforeAll(async () => {
  line = closeLater(await openLine(system.port));
});
afterEach(() => vi.useRealTimers());

const patience = { timeout: 60_000 };
const person = async (name: string, storeName?: string) =>
  closeLater(await register(line.url, name, storeName));
async function another(account: { email: string; password: string }) {
  const engine = closeLater(await openEngine({ url: line.url }));
  await engine.login(account);
  return engine;
}
/** How many devices of somebody `engine` would encrypt for now; undefined before it has asked. */
const devicesOf = async (engine: Engine, room: string, userId: string) =>
  (await engine.room(room).inspect()).members.find(({ id }) => id === userId)?.devices;
const numbers = (devices: readonly Device[]) => devices.map(({ id }) => id);

it('devices are named for their owner alone, and told apart', async () => {
  const ana = await person('Ana');
  const phone = await another(ana.account);
  expect(numbers(await ana.devices())).toEqual([2, 1]);
  await ana.renameDevice(2, 'The old phone in the kitchen');
  const [seen, own] = await phone.devices();
  expect(seen).toMatchObject({ id: 2, name: 'The old phone in the kitchen', isThis: true });
  expect(own).toMatchObject({ id: 1, isThis: false });
  expect(Math.abs(Date.now() - (seen?.lastSeen ?? 0))).toBeLessThan(60_000);
  expect(line.received().includes('kitchen')).toBe(false);
});

it('what one device has read is read on the others; who else is told of it, each decides for themselves', async () => {
  const bensStore = `ben-${crypto.randomUUID()}`;
  const [ana, ben] = [await person('Ana'), await person('Ben', bensStore)];
  const room = await ana.createRoom('Friday film');
  await letIn(ana, room, ben);
  const phone = await another(ben.account);
  await untilOnline(phone, room);
  const unread = (engine: Engine, count: number) =>
    until(engine.rooms, (rooms) => rooms.find(({ id }) => id === room)?.unread === count);
  /** What was read last, and by whom, as somebody sees it. */
  const readers = ({ timeline }: RoomView) =>
    timeline.flatMap((item) =>
      (item.readBy ?? []).map(({ name }) => `${item.kind === 'text' ? item.text : ''}: ${name}`),
    );
  const sees = (engine: Engine, what: string[]) =>
    untilView(engine, room, (view) => readers(view).join() === what.join());
  const says = async (words: string) => {
    await ana.room(room).send(words);
    for (const engine of [ben, phone]) await untilText(engine, room, words);
  };
  await says('one');
  await unread(phone, 1);
  ben.room(room).markRead();
  await unread(phone, 0);
  await sees(ana, ['one: Ben']);

  await ben.prefer({ reads: false });
  await sees(ana, []);
  await says('two');
  await unread(phone, 1);
  ben.room(room).markRead();
  await unread(phone, 0);
  await ben.room(room).send('is that so?');
  await untilText(ana, room, 'is that so?');
  ana.room(room).markRead();
  await sees(phone, ['is that so?: Ana']);
  await says('three');
  expect(readers(ana.room(room).view.get())).toEqual([]);
  expect(readers(ben.room(room).view.get())).toEqual([]);
  ben.room(room).markRead();

  // Who comes later has it from the room, which can't tell one box from another.
  await ben.prefer({ reads: true });
  await sees(await another(ana.account), ['three: Ben']);

  // Switched off while nobody can be told of it, and the app closed: they hear it once it is open again.
  line.cut();
  await ben.prefer({ reads: false });
  await ben.close();
  await sees(await another(ana.account), ['three: Ben']);
  closeLater(await openEngine({ url: line.url, storeName: bensStore }));
  await sees(ana, []);
  await sees(await another(ana.account), []);
  expect(contains(line.received(), '"kind":"read"')).toBe(false);
});

it('a name and a picture reach one’s rooms, who comes there later, and one’s other devices, and the service sees neither', async () => {
  const [ana, ben] = [await person('Ana'), await person('Ben')];
  const room = await ana.createRoom('Friday film');
  const link = await ana.room(room).invite();
  await ben.join(link);
  await untilKnown(ana, room, ben);
  const phone = await another(ana.account);
  await untilOnline(phone, room);
  // What is said before this device has heard of the phone reaches that later, by the backups of keys.
  await expect.poll(() => devicesOf(ana, room, idOf(ana)), patience).toBe(2);
  const picture = crypto.getRandomValues(new Uint8Array(3_000));
  const shows = (engine: Engine, name: string, jpeg?: Uint8Array) =>
    untilView(engine, room, ({ members }) =>
      members.some(
        (member) =>
          member.id === idOf(ana) && member.name === name && member.picture === (jpeg && toBase64(jpeg)),
      ),
    );
  await ana.setProfile({ name: ' Annabella ', picture });
  for (const engine of [ana, ben, phone]) await shows(engine, 'Annabella', picture);
  await until(phone.session, (state) => state.kind === 'signed-in' && state.me.name === 'Annabella');
  const notices = ({ timeline }: RoomView) =>
    timeline.flatMap((item) => (item.kind === 'notice' ? [item.event] : []));
  const renamed = { what: 'renamed', first: 'Ana', name: 'Annabella' };
  const told = await untilView(ben, room, (view) => notices(view).length === 3);
  expect(notices(told)).toContainEqual(renamed);

  const carla = await person('Carla');
  await carla.join(link);
  await shows(carla, 'Annabella', picture);
  expect(notices(carla.room(room).view.get())).not.toContainEqual(renamed);
  // Nor does the history tell a device of hers that comes later: it was said before her time.
  await shows(await another(carla.account), 'Annabella', picture);
  // The phone takes the picture away; who signs in later has the name from the service, which can't read it.
  await phone.setProfile({ picture: null });
  for (const engine of [ana, ben, carla]) await shows(engine, 'Annabella');
  const laptop = await another(ana.account);
  expect(laptop.session.get()).toMatchObject({ me: { name: 'Annabella' } });
  const sent = line.received();
  for (const secret of ['Annabella', toBase64(picture).slice(0, 200)])
    expect(sent.includes(secret)).toBe(false);
});

it('a device that was revoked is out at once, gets no key from anybody, and says so; the others go on', async () => {
  const bensStore = `ben-${crypto.randomUUID()}`;
  const [ana, ben] = [await person('Ana'), await person('Ben', bensStore)];
  const room = await ana.createRoom('Friday film');
  await letIn(ana, room, ben);
  const phone = await another(ana.account);
  await expect.poll(() => devicesOf(ben, room, idOf(ana)), patience).not.toBe(1);
  await ben.room(room).send('to both of your devices');
  for (const engine of [ana, phone]) await untilText(engine, room, 'to both of your devices');

  const before = await ownChain(bensStore, room);
  expect(before?.sentTo).toHaveLength(2);
  await expect(ana.revokeDevice(1)).rejects.toMatchObject({ reason: 'this-device' });
  await ana.revokeDevice(2);
  await until(phone.session, ({ kind }) => kind === 'signed-out');
  expect(numbers(await ana.devices())).toEqual([1]);

  await expect.poll(() => devicesOf(ben, room, idOf(ana)), patience).toBe(1);
  await ben.room(room).send('to your laptop alone');
  await untilText(ana, room, 'to your laptop alone');
  // Under a new chain, which the phone was not given: nothing that a server still delivers to it opens.
  const after = await ownChain(bensStore, room);
  expect(after?.sentTo).toEqual([before!.sentTo.find((address) => address.endsWith(':1'))]);
  expect(after?.distributionId).not.toBe(before?.distributionId);
  await ana.room(room).send('good');
  await untilText(ben, room, 'good');

  // The browser is still somebody's who knows the password: as a new device it is met like any other.
  await phone.login(ana.account);
  await untilOnline(phone, room);
  expect(numbers(await ana.devices())).toEqual([3, 1]);
  await ben.room(room).send('welcome back');
  await untilText(phone, room, 'welcome back');
  await phone.room(room).send('from my new device');
  await untilText(ben, room, 'from my new device');
  // What its owner could read meanwhile opens by the account's backup.
  await untilText(phone, room, 'to your laptop alone');
});

it('signing out takes the device from the list, and signing in again makes a new one', async () => {
  const ana = await person('Ana');
  const phone = await another(ana.account);
  await phone.logout();
  expect(numbers(await ana.devices())).toEqual([1]);
  await phone.login(ana.account);
  expect(numbers(await ana.devices())).toEqual([3, 1]);
});

/** The sender chain that a browser uses in a room. */
async function ownChain(storeName: string, room: string) {
  const store = await Store.open(storeName);
  const chain = await store.get('ownChains', room);
  store.close();
  return chain;
}

/** The numbers of the signed prekeys that a browser keeps. */
async function signedPreKeys(storeName: string): Promise<number[]> {
  const store = await Store.open(storeName);
  const rows = await store.list('prekeys', 'signed/');
  store.close();
  return rows.map(([, { id }]) => id);
}

it('a guest, who has nothing to sign in by, goes on when the service has ended the session', async () => {
  const storeName = `guest-${crypto.randomUUID()}`;
  const guest = closeLater(await openEngine({ url: system.url, storeName }));
  await guest.registerGuest({ name: 'Gita' });
  const room = await guest.createRoom('By a name alone');
  await guest.room(room).send('before');
  await untilText(guest, room, 'before');
  const [session] = await guest.signIns();
  await guest.endSignIn(session!.id);
  // The service takes the old token no more, and there is a new one.
  const link = await guest.room(room).invite();
  expect(guest.session.get()).toMatchObject({ kind: 'signed-in', me: { guest: true } });
  expect((await guest.signIns()).map(({ id }) => id)).not.toContain(session!.id);
  const ana = closeLater(await register(system.url, 'Ana'));
  await ana.join(link);
  await untilKnown(guest, room, ana);
  await guest.room(room).send('after');
  await untilText(ana, room, 'after');
  // Also when it comes to light as the browser is opened.
  await guest.close();
  const store = await Store.open(storeName);
  const { refreshToken } = (await store.get('account', 'me'))!;
  store.close();
  expect((await call(system.url, 'POST', '/auth/logout', { refreshToken })).status).toBe(204);
  await ana.room(room).send('while away');
  const again = closeLater(await openEngine({ url: system.url, storeName }));
  await untilText(again, room, 'while away');
});

it('a guest whose new session the service has no time for waits as long as it says, and is signed out of nothing', async () => {
  const liar = closeLater(await openLiar(system.url));
  const guest = closeLater(await openEngine({ url: liar.url }));
  await guest.registerGuest({ name: 'Gita' });
  const room = await guest.createRoom('A busy day');
  const ana = closeLater(await register(system.url, 'Ana'));
  await letIn(guest, room, ana);
  await guest.room(room).send('before');
  await untilText(ana, room, 'before');
  /** When a new session was asked for, in ms. */
  const asked: number[] = [];
  liar.answer = ({ path }, reply) => {
    if (path !== '/auth/login') return reply;
    asked.push(Date.now());
    if (asked.length > 1) return reply;
    throw new Refusal(problem('rate-limited', undefined, { retryAfter: 10 }));
  };
  const [session] = await guest.signIns();
  await guest.endSignIn(session!.id);
  await expect(guest.signIns()).rejects.toMatchObject({ reason: 'rate-limited' });
  await expect(guest.devices()).rejects.toMatchObject({ reason: 'rate-limited' });
  expect(guest.session.get()).toMatchObject({ kind: 'signed-in', me: { guest: true } });
  await guest.room(room).send('after');
  await untilText(ana, room, 'after');
  expect(asked.length).toBe(2);
  expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(9_900);
});

it('signed keys are replaced every week and erased after a month; strangers get through all the while', async () => {
  const store = `ana-${crypto.randomUUID()}`;
  let ana: Engine = await person('Ana', store);
  const room = await ana.createRoom('Long film');
  const link = await ana.room(room).invite({ expiresInHours: 24 * 365, uses: 100 });
  const week = 7 * 24 * 3_600_000;
  const start = Date.now();
  const newest: number[] = [];
  for (let past = 0; past < 8; past++) {
    const stranger = await person(`Stranger${past}`);
    await stranger.join(link);
    await stranger.room(room).send(`hello from week ${past}`);
    await untilText(ana, room, `hello from week ${past}`);
    await stranger.close();
    await ana.close();
    const kept = await signedPreKeys(store);
    newest.push(Math.max(...kept));
    // The present one, and those of the month before.
    expect(kept.length).toBeLessThanOrEqual(6);
    vi.useFakeTimers({ toFake: ['Date'], now: start + (past + 1) * (week + 60_000) });
    ana = await openEngine({ url: line.url, storeName: store });
    await untilOnline(ana, room);
    await vi.waitFor(
      async () => expect(Math.max(...(await signedPreKeys(store)))).toBeGreaterThan(newest.at(-1)!),
      patience,
    );
  }
  closeLater(ana);
  expect(new Set(newest).size).toBe(8);
  const all = texts(await untilView(ana, room, (view) => texts(view).length === 8));
  expect(all).toEqual(newest.map((_, past) => `hello from week ${past}`));
});

/** Uploads of one-time prekeys so far. A POST without any only asks how many are left. */
const refills = () =>
  [
    ...line
      .received()
      .toString('latin1')
      // The body is looked at, not passed over: the next request may follow it on the same line.
      .matchAll(/POST \/keys\/prekeys .*?\r\n\r\n(?=(\{[^\r\n]*))/gs),
  ].filter(([, body]) => body?.includes('"oneTimePreKeys":[{') && body.includes('"kyberPreKeys":[{')).length;

it('the stock of one-time keys is filled up while handshakes come in', async () => {
  const ana = await person('Ana');
  const room = await ana.createRoom('Open house');
  const guest = await person('Guest');
  await letIn(ana, room, guest);
  const before = refills();
  // Of her thirty keys of each kind eleven are taken: fewer than twenty are left.
  const { email, password } = ana.account;
  const { authKey } = deriveAccountKeys(await deriveMasterKey(password, email));
  const login = { email, password: toBase64(authKey), transport: 'body' };
  const { body } = await call(line.url, 'POST', '/auth/login', login);
  const bundle = `/users/${idOf(ana)}/bundles?devices=1`;
  for (let i = 0; i < 11; i++)
    expect((await call(line.url, 'GET', bundle, undefined, String(body.accessToken))).status).toBe(200);
  await guest.room(room).send('hi');
  await untilText(ana, room, 'hi');
  await vi.waitFor(() => expect(refills()).toBeGreaterThan(before), patience);
});
