// A person without a screen: the app's own engine under Node, with a shim of IndexedDB.
import 'fake-indexeddb/auto';
import { deriveMasterKey } from '../crypto/account/index.ts';
import { createHost } from '../web/src/engine/crypto/host.ts';
import type { StartHost } from '../web/src/engine/crypto/index.ts';
import {
  createEngine,
  type Engine,
  type RoomView,
  type TimelineItem,
  until,
} from '../web/src/engine/index.ts';
import { createLocks } from '../web/src/engine/store/locks.ts';

let count = 0;

export interface PersonOptions {
  /** Origin of a running system. */
  readonly url: string;
  /** Engines with the same store are tabs of one browser. */
  readonly storeName?: string;
  /** How many rooms have a socket. */
  readonly sockets?: number;
}

/** The host of keys in this process: behind the same face as the browsers' worker. */
const hostHere: StartHost = (settings, api) =>
  createHost({
    ...settings,
    api,
    locks: createLocks(settings.storeName),
    deriveMasterKey: (password, email) => deriveMasterKey(password, email),
  });

/** An engine that has looked into its store: a fresh browser, unless `storeName` was used before. */
export async function openEngine({
  url,
  storeName = `person-${process.pid}-${++count}`,
  ...options
}: PersonOptions): Promise<Engine> {
  const engine = createEngine({
    origin: url,
    storeName,
    transport: 'body',
    startHost: hostHere,
    ...options,
  });
  await until(engine.session, (session) => session.kind !== 'starting');
  return engine;
}

/** A new account on a new engine. */
export async function register(
  url: string,
  name: string,
  storeName?: string,
): Promise<Engine & { readonly account: Account }> {
  const engine = await openEngine({ url, ...(storeName !== undefined && { storeName }) });
  const account = {
    email: `${name.toLowerCase()}-${crypto.randomUUID()}@example.org`,
    password: `${crypto.randomUUID()} horse`,
    name,
  };
  await engine.register(account);
  return Object.assign(engine, { account });
}

export interface Account {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

/** Resolves when the room's view is as `accept` wants it. */
export const untilView = (
  engine: Engine,
  roomId: string,
  accept: (view: RoomView) => boolean,
): Promise<RoomView> => until(engine.room(roomId).view, accept);

/** The texts of a view in their order, oldest first; only what the room has (not what waits). */
export const texts = (view: RoomView): string[] =>
  view.timeline.flatMap((item: TimelineItem) =>
    item.kind === 'text' && item.state === 'sent' ? [item.text] : [],
  );

/** Resolves when `text` stands in the room's timeline as sent. */
export const untilText = (engine: Engine, roomId: string, text: string): Promise<RoomView> =>
  untilView(engine, roomId, (view) => texts(view).includes(text));

/** Resolves when the room's socket is up. */
export const untilOnline = (engine: Engine, roomId: string): Promise<RoomView> =>
  untilView(engine, roomId, (view) => view.connection === 'online');

/** Ana's room with Ben in it, both online; each comes by the address given. `store` names Ana's browser. */
export async function twoInARoom(urls: { ana: string; ben: string }, store?: string) {
  const ana = await register(urls.ana, 'Ana', store);
  const ben = await register(urls.ben, 'Ben');
  const room = await ana.createRoom('Friday film');
  const link = await ana.room(room).invite();
  await ben.join(link);
  await Promise.all([untilKnown(ana, room, ben), untilOnline(ana, room), untilOnline(ben, room)]);
  return { ana, ben, room, link };
}

/** Resolves when `host` has heard that `guest` is in the room: what is said is for whom its author knows there. */
export const untilKnown = (host: Engine, roomId: string, guest: Engine): Promise<RoomView> =>
  untilView(host, roomId, ({ members }) => members.some(({ id }) => id === idOf(guest)));

/** Lets `guest` in by an invitation of `host`, who then knows of it. */
export async function letIn(host: Engine, roomId: string, guest: Engine): Promise<void> {
  await guest.join(await host.room(roomId).invite());
  await untilKnown(host, roomId, guest);
}

/** The id of the account that is signed in. */
export function idOf(engine: Engine): string {
  const session = engine.session.get();
  if (session.kind !== 'signed-in') throw new Error('not signed in');
  return session.me.id;
}
