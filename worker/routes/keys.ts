import { and, eq, isNull } from 'drizzle-orm';
import type { Context, Hono } from 'hono';
import type * as z from 'zod/mini';
import { fromBase64, fromUtf8 } from '../../protocol/bytes.ts';
import { type Bundle, DeviceList, type SignedDeviceList } from '../../protocol/devices.ts';
import { routes } from '../../protocol/rest/index.ts';
import { Hash } from '../../protocol/scalars.ts';
import { countBundles } from '../auth/limits.ts';
import { closeSockets, requireLiveSession } from '../auth/live.ts';
import { type List, readCursor, writeCursor } from '../cursor.ts';
import { backupsOf, keepBackups, maxBackups } from '../db/backups.ts';
import { openDatabase } from '../db/client.ts';
import { addPreKeys, devicesOf, dropDevices, nameDevice, publishDevice, takeBundles } from '../db/keys.ts';
import { deviceLists, users } from '../db/schema.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { refuse, unwrap } from '../problem.ts';

/** Registers `/keys/*` and `/users/:id/bundles`. */
export function keyRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.putDevice, async ({ body, caller }, c) => {
    await requireLiveSession(c, caller);
    const list = readDeviceList(body.deviceList, caller.userId);
    const named = list.devices.find(({ id }) => id === body.deviceId);
    if (named?.registrationId !== body.registrationId) {
      refuseList('It does not name this device with its registration id');
    }
    const published = await publishDevice(openDatabase(c.env), {
      ...body,
      caller,
      list: { ...body.deviceList, version: list.version, ids: list.devices.map(({ id }) => id) },
    });
    if (!published) return refuse('conflict', 'The device list does not follow the one that is stored.');
    await closeSockets(c, caller.userId, published.ended);
    return published.stock;
  });

  endpoint(app, routes.listDevices, async ({ caller }, c) => {
    const found = await devicesOf(openDatabase(c.env), caller.userId);
    return { items: found.map((device) => ({ ...device, lastSeen: device.lastSeen.toISOString() })) };
  });

  endpoint(app, routes.nameDevice, async ({ params, body, caller }, c) => {
    const named = await nameDevice(openDatabase(c.env), caller.userId, params.device, body.sealedName);
    if (!named) refuse('not-found', 'You have no such device.');
  });

  endpoint(app, routes.dropDevice, async ({ params, body, caller }, c) => {
    // Who was dropped must not drop the others with a token that outlives the session by some minutes.
    await requireLiveSession(c, caller);
    const list = readDeviceList(body.deviceList, caller.userId);
    const ids = list.devices.map(({ id }) => id);
    if (ids.includes(params.device)) refuseList('It names the device that is to be dropped');
    const next = { ...body.deviceList, version: list.version, ids };
    const ended = await dropDevices(openDatabase(c.env), caller, next);
    if (!ended) return refuse('conflict', 'The device list does not follow the one that is stored.');
    await closeSockets(c, caller.userId, ended);
  });

  endpoint(app, routes.addPreKeys, async ({ body, caller }, c) => {
    const stock = await addPreKeys(openDatabase(c.env), caller, body.deviceId, body);
    return stock ?? refuse('not-found', 'You have no such device.');
  });

  endpoint(app, routes.getBundles, async ({ params, query, caller }, c) => {
    const ids = [...new Set(query.devices?.split(',').map(Number))];
    if (params.id !== caller.userId) {
      await requireFellow(c, query.room, caller.userId, params.id);
      if (ids.length > 0) await countBundles(c, caller, params.id);
    }
    const database = openDatabase(c.env);
    const [account] = await database
      .select({ identityKey: users.publicKey, body: deviceLists.body, signature: deviceLists.signature })
      .from(users)
      .leftJoin(deviceLists, eq(deviceLists.userId, users.id))
      .where(and(eq(users.id, params.id), isNull(users.deletion)));
    if (!account) return refuse('not-found', accountGone);
    const { identityKey, body, signature } = account;
    const taken = ids.length === 0 ? [] : await takeBundles(database, params.id, ids);
    return {
      userId: params.id,
      identityKey,
      deviceList: body === null || signature === null ? null : { body, signature },
      bundles: taken.map(bundleOf),
    };
  });

  endpoint(app, routes.putBackup, async ({ body, caller }, c) => {
    await requireLiveSession(c, caller);
    const rooms = [...new Set(body.entries.map(({ chatroomId }) => chatroomId))];
    for (const room of rooms) unwrap(await c.env.ROOMS.getByName(room).view(caller.userId));
    if (!(await keepBackups(openDatabase(c.env), caller.userId, body.entries)))
      refuse('backup-full', `An account may keep ${maxBackups} of them a room.`);
  });

  endpoint(app, routes.getBackup, async ({ query, caller }, c) => {
    // A device that was revoked may hold an access token for some minutes, and the key that opens these for ever.
    await requireLiveSession(c, caller);
    const { room, cursor, limit } = query;
    const list: List = ['backups', caller.userId, room];
    const after = cursor === undefined ? undefined : await readCursor(c.env, list, cursor, Hash);
    const rows = await backupsOf(openDatabase(c.env), caller.userId, room, after, limit + 1);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, next: rows.length > limit && last ? await writeCursor(c.env, list, last.id) : null };
  });
}

const refuseList = (detail: string): never =>
  refuse('invalid-body', undefined, { errors: [{ pointer: '/deviceList', detail }] });

/** The list inside its signed bytes; the signature is for the clients to check, who know whose key to trust. */
function readDeviceList(signed: z.infer<typeof SignedDeviceList>, userId: string): DeviceList {
  let list: DeviceList;
  try {
    list = DeviceList.parse(JSON.parse(fromUtf8(fromBase64(signed.body))));
  } catch {
    return refuseList('Not a device list');
  }
  const ids = list.devices.map(({ id }) => id);
  if (list.user !== userId) refuseList('It belongs to somebody else');
  if (new Set(ids).size < ids.length) refuseList('It names a device twice');
  if (Math.max(...ids, 1) > list.lastId) refuseList('It names a device above `lastId`');
  return list;
}

const accountGone = 'This account has been deleted.';

/**
 * Throws `not-a-member` unless both are in `room`, as the room itself has it; `not-found` where the other one still is by its
 * roster, but has no account any more.
 */
async function requireFellow(
  c: Context<AppEnv>,
  room: string | undefined,
  userId: string,
  other: string,
): Promise<void> {
  if (room === undefined) return refuse('not-a-member', 'Name a room that both of you are in.');
  const object = c.env.ROOMS.getByName(room);
  const [mine, theirs] = await Promise.all([object.view(userId), object.view(other)]);
  unwrap(mine);
  if (theirs.ok) return;
  const { members } = unwrap(await object.roster(userId));
  if (members.some((member) => member.userId === other)) refuse('not-found', accountGone);
  unwrap(theirs);
}

function bundleOf({ device, keys }: Awaited<ReturnType<typeof takeBundles>>[number]): Bundle {
  const oneTime = keys.find(({ kind }) => kind === 'ec');
  const kyber = keys.find(({ kind }) => kind === 'kyber');
  const kyberPreKey = kyber
    ? { id: kyber.id, publicKey: kyber.publicKey, signature: kyber.signature ?? '' }
    : device.kyberPreKey;
  return {
    deviceId: device.id,
    registrationId: device.registrationId,
    signedPreKey: device.signedPreKey,
    ...(kyberPreKey && { kyberPreKey }),
    ...(oneTime && { oneTimePreKey: { id: oneTime.id, publicKey: oneTime.publicKey } }),
  };
}
