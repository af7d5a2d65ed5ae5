import { DeviceListError, openDeviceList, signDeviceList } from '../../../../crypto/account/index.ts';
import {
  generateKyberPreKey,
  generateOneTimePreKeys,
  generateSignedPreKey,
  type KeyPair,
} from '../../../../crypto/signal/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import { DeviceList, type SignedDeviceList } from '../../../../protocol/devices.ts';
import { m } from '../../language/index.ts';
import { ProblemError } from '../api.ts';
import type { Row } from '../store/store.ts';
import { EngineError } from '../types.ts';
import { pruneChains } from './chains.ts';
import { sealDeviceName } from './devices.ts';
import type { Holder } from './holder.ts';
import { mustBeSame } from './peers.ts';

/** How many one-time prekeys the server has of a device. */
interface Stock {
  readonly oneTime: number;
  readonly kyber: number;
}
/** As many of each kind are there when all is well: a handshake takes one of each. About 2.3 kB a pair on their way up. */
const fullStock = 30;
/** Where there are fewer of a kind, both are filled up (DESIGN section 3). */
const refillBelow = 20;

type PreKeyRow = Row<'prekeys'>;

/** How often the signed and the last-resort prekey are replaced, and how long the old ones still open handshakes, in ms. */
const rotation = 7 * 24 * 3_600_000;
const retirement = 30 * 24 * 3_600_000;
/** What a device list holds (protocol/devices.ts). */
const maxDevices = 20;

/**
 * Publishes this browser as a device of the account: makes its prekeys, keeps them, then tells the server together with
 * the signed device list that names it. Does nothing when that was done before; goes on where a crash left it.
 */
export async function publishDevice(holder: Holder): Promise<void> {
  await holder.locks.run('device', async () => {
    const { identity } = holder.keys;
    for (let attempt = 0; ; attempt++) {
      const account = await holder.store.get('account', 'me');
      if (!account || account.published) return;
      const { list, signed: published } = await ownList(holder);
      // A list that names us already: the answer to an earlier try was lost.
      const listed = list?.devices.find((device) => device.registrationId === account.registrationId);
      const deviceId = listed?.id ?? (list?.lastId ?? 0) + 1;
      const next: DeviceList = {
        v: 1,
        user: account.id,
        version: (list?.version ?? 0) + 1,
        minHandshake: 4,
        devices: [
          // Whoever cleared their browser many times has devices that are none any more: the oldest makes room.
          ...(list?.devices ?? []).slice(1 - maxDevices),
          { id: deviceId, registrationId: account.registrationId, addedAt: Date.now() },
        ],
        lastId: deviceId,
      };
      try {
        const deviceList = listed ? published! : signDeviceList(next, identity.privateKey);
        await putDevice(holder, account, deviceId, deviceList, fullStock);
        await keepOwnList(holder, deviceList, listed ? list!.version : next.version);
      } catch (error) {
        // Another device of ours was published in between: take its list and the next number.
        if (error instanceof ProblemError && error.is('conflict') && attempt < 5) continue;
        throw error;
      }
      await holder.locks.run('account', () =>
        holder.update({ deviceId, published: true, rotatedAt: Date.now() }),
      );
      return;
    }
  });
}

/**
 * Replaces the signed and the last-resort prekey once a week, and erases those that were replaced a month ago: a handshake that
 * was begun with one of them may have been on its way for long. One-time prekeys are made only where they run low. A key that was made for an answer that got lost is retired with the
 * next one.
 */
export async function rotatePreKeys(holder: Holder): Promise<void> {
  await holder.locks.run('device', async () => {
    const account = await holder.store.get('account', 'me');
    if (!account?.published) return;
    if (account.rotatedAt === undefined || Date.now() - account.rotatedAt >= rotation) {
      const { list, signed } = await ownList(holder);
      if (!list?.devices.some(({ id }) => id === account.deviceId)) return;
      const now = Date.now();
      const present = (await holder.store.list('prekeys')).filter(([, { kind }]) => lasting.has(kind));
      const stock = await putDevice(holder, account, account.deviceId, signed!, 0);
      await holder.locks.run('crypto', async () => {
        const draft = holder.store.draft();
        for (const [key, row] of present)
          if (now - (row.retiredAt ?? now) >= retirement) draft.delete('prekeys', key);
          else draft.put('prekeys', key, { retiredAt: now, ...row });
        await draft.commit();
      });
      await holder.locks.run('account', () => holder.update({ rotatedAt: now }));
      await pruneChains(holder);
      await fillUp(holder, account.deviceId, stock);
    }
  });
}

const lasting: ReadonlySet<PreKeyRow['kind']> = new Set(['signed', 'kyber-last']);

/**
 * The account's own device list as the server has it, checked; undefined when there is none. What is signed next is made of it: an
 * older one than was seen here would bring a revoked device back, under our own signature.
 *
 * @throws EngineError `forged-devices` for a list that was not signed here, is older than one seen before, or contradicts it
 */
export async function ownList(
  holder: Holder,
): Promise<{ readonly list: DeviceList | undefined; readonly signed: SignedDeviceList | undefined }> {
  const { id } = holder.account;
  const { deviceList } = await holder.api('getBundles', { params: { id }, query: {} });
  return holder.locks.run('peers', async () => {
    const seen = await holder.store.get('peers', id);
    try {
      if (!deviceList) {
        if (seen) throw new DeviceListError('rolled-back', 'the service hides a device list seen before');
        return { list: undefined, signed: undefined };
      }
      const { publicKey } = holder.keys.identity;
      const list = await openDeviceList(deviceList, id, publicKey, DeviceList, seen?.version);
      if (seen && list.version === seen.version) mustBeSame(deviceList, seen.list);
      const value = { identityKey: toBase64(publicKey), list: deviceList, version: list.version, readAt: 0 };
      if (list.version !== seen?.version) await holder.store.write([{ table: 'peers', key: id, value }]);
      return { list, signed: deviceList };
    } catch (error) {
      if (!(error instanceof DeviceListError)) throw error;
      throw new EngineError('forged-devices', m.engine_forgedDevices({ reason: error.message }), {
        cause: error,
      });
    }
  });
}

/** The account's own list is this now: what is said from here on goes to its devices, and names it. */
export async function keepOwnList(holder: Holder, list: SignedDeviceList, version: number): Promise<void> {
  const { store, locks, account, keys } = holder;
  await locks.run('peers', async () => {
    const seen = await store.get('peers', account.id);
    if (seen && seen.version >= version) return;
    const value = { identityKey: toBase64(keys.identity.publicKey), list, version, readAt: Date.now() };
    await store.write([{ table: 'peers', key: account.id, value }]);
  });
}

/** Makes lasting keys for this device and `stock` of each one-time kind, keeps them, and publishes them with `deviceList`. */
async function putDevice(
  holder: Holder,
  account: Row<'account'>,
  deviceId: number,
  deviceList: SignedDeviceList,
  stock: number,
): Promise<Stock> {
  const keys = await newPreKeys(holder, { lasting: true, oneTime: stock, kyber: stock });
  return holder.api('putDevice', {
    body: {
      deviceId,
      registrationId: account.registrationId,
      signedPreKey: signed(keys, 'signed')[0]!,
      kyberPreKey: signed(keys, 'kyber-last')[0]!,
      oneTimePreKeys: oneTime(keys),
      kyberPreKeys: signed(keys, 'kyber'),
      deviceList,
      ...(!account.published && { sealedName: await sealDeviceName(holder, deviceId, holder.deviceName) }),
    },
  });
}

/** Fills up the one-time prekeys when the server runs low. Throws ProblemError `not-found` where this device was dropped. */
export async function refillPreKeys(holder: Holder): Promise<void> {
  await holder.locks.run('device', async () => {
    const account = await holder.store.get('account', 'me');
    if (!account?.published) return;
    const { deviceId } = account;
    await fillUp(holder, deviceId, await holder.api('addPreKeys', { body: { deviceId } }));
  });
}

/** `left` is what the server has. */
async function fillUp(holder: Holder, deviceId: number, left: Stock): Promise<void> {
  if (Math.min(left.oneTime, left.kyber) >= refillBelow) return;
  const missing = (count: number) => Math.max(0, fullStock - count);
  const wanted = { lasting: false, oneTime: missing(left.oneTime), kyber: missing(left.kyber) };
  const keys = await newPreKeys(holder, wanted);
  await holder.api('addPreKeys', {
    body: { deviceId, oneTimePreKeys: oneTime(keys), kyberPreKeys: signed(keys, 'kyber') },
  });
}

/**
 * Makes and keeps prekeys: the lasting ones where `lasting`, and so many of each one-time kind. Their numbers are spent before
 * anybody hears of them: were an answer lost, and a number used again, the server would go on handing out the first key of that
 * number.
 */
async function newPreKeys(holder: Holder, wanted: Stock & { lasting: boolean }): Promise<PreKeyRow[]> {
  const { locks, store } = holder;
  const kinds: PreKeyRow['kind'][] = [
    ...(wanted.lasting ? (['signed', 'kyber-last'] as const) : []),
    ...Array<'ec'>(wanted.oneTime).fill('ec'),
    ...Array<'kyber'>(wanted.kyber).fill('kyber'),
  ];
  const firstId = await locks.run('account', async () => {
    const { nextPreKeyId } = (await store.get('account', 'me')) ?? holder.account;
    await holder.update({ nextPreKeyId: nextPreKeyId + kinds.length });
    return nextPreKeyId;
  });
  const keys = kinds.map((kind, i) => makePreKey(holder.keys.identity, kind, firstId + i));
  const draft = store.draft();
  for (const key of keys) draft.put('prekeys', preKeyKey(key.kind, key.id), key);
  await draft.commit();
  return keys;
}

function makePreKey(identity: KeyPair, kind: PreKeyRow['kind'], id: number): PreKeyRow {
  if (kind === 'kyber' || kind === 'kyber-last') {
    const { publicKey, secretKey, signature } = generateKyberPreKey(identity, id);
    return { kind, id, ...inText({ publicKey, privateKey: secretKey, signature }) };
  }
  if (kind === 'ec') return { kind, id, ...inText(generateOneTimePreKeys(id, 1)[0]!.keyPair) };
  const { keyPair, signature } = generateSignedPreKey(identity, id);
  return { kind, id, ...inText({ ...keyPair, signature }) };
}

const inText = <K extends string>(key: Readonly<Record<K, Uint8Array>>) =>
  Object.fromEntries(
    Object.entries<Uint8Array>(key).map(([name, bytes]) => [name, toBase64(bytes)]),
  ) as Record<K, string>;

const signed = (keys: readonly PreKeyRow[], kind: PreKeyRow['kind']) =>
  keys
    .filter((key) => key.kind === kind)
    .map(({ id, publicKey, signature }) => ({ id, publicKey, signature: signature! }));

const oneTime = (keys: readonly PreKeyRow[]) =>
  keys.filter(({ kind }) => kind === 'ec').map(({ id, publicKey }) => ({ id, publicKey }));

/** Where a prekey is kept: both Kyber kinds share one number space, as the wire does not tell them apart. */
export const preKeyKey = (kind: PreKeyRow['kind'], id: number): string =>
  `${kind === 'kyber-last' ? 'kyber' : kind}/${id}`;
