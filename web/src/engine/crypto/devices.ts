import { openWith, SealError, sealWith, signDeviceList } from '../../../../crypto/account/index.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { m } from '../../language/index.ts';
import { ProblemError } from '../api.ts';
import type { Device } from '../types.ts';
import { keepOwnList, ownList } from './device.ts';
import type { Holder } from './holder.ts';

const longestName = 60;

const purpose = (deviceId: number) => `device ${deviceId}`;

/** A device's name under the account's vault key, for that device alone; base64url. */
export async function sealDeviceName(holder: Holder, deviceId: number, name: string): Promise<string> {
  return toBase64(await sealWith(holder.keys.vaultKey, utf8(name.slice(0, longestName)), purpose(deviceId)));
}

/** The devices that the account's signed list names, the newest first. */
export async function listDevices(holder: Holder): Promise<Device[]> {
  const { list } = await ownList(holder);
  const { items } = await holder.api('listDevices', {});
  const { vaultKey } = holder.keys;
  return Promise.all(
    (list?.devices ?? []).toReversed().map(async ({ id, addedAt }): Promise<Device> => {
      const known = items.find(({ deviceId }) => deviceId === id);
      const sealed = known?.sealedName;
      const name = sealed
        ? await openWith(vaultKey, fromBase64(sealed), purpose(id)).then(fromUtf8, (error: unknown) => {
            if (error instanceof SealError) return m.engine_unnamedDevice();
            throw error;
          })
        : m.engine_unnamedDevice();
      return {
        id,
        name,
        addedAt,
        isThis: id === holder.account.deviceId,
        ...(known && { lastSeen: Date.parse(known.lastSeen) }),
      };
    }),
  );
}

export async function renameDevice(holder: Holder, id: number, name: string): Promise<void> {
  const sealedName = await sealDeviceName(holder, id, name.trim() || m.engine_unnamedDevice());
  await holder.api('nameDevice', { params: { device: id }, body: { sealedName } });
}

/**
 * Takes a device from the signed list: it gets no key from anybody any more, and its sessions with the service end. Answers
 * whether it stood there.
 */
export async function dropDevice(holder: Holder, id: number): Promise<boolean> {
  return holder.locks.run('device', async () => {
    for (let attempt = 0; ; attempt++) {
      const { list } = await ownList(holder);
      if (!list?.devices.some((device) => device.id === id)) return false;
      const next = {
        ...list,
        version: list.version + 1,
        devices: list.devices.filter((device) => device.id !== id),
      };
      const deviceList = signDeviceList(next, holder.keys.identity.privateKey);
      try {
        await holder.api('dropDevice', { params: { device: id }, body: { deviceList } });
        await keepOwnList(holder, deviceList, next.version);
        return true;
      } catch (error) {
        // Another device changed the list in between.
        if (error instanceof ProblemError && error.is('conflict') && attempt < 5) continue;
        throw error;
      }
    }
  });
}

/**
 * Where this browser was dropped from the list, and its person has signed in here again, it is a new device from now on, with sessions
 * and chains of its own; what it has read stays. Answers whether that was so. No room may be open: what is sealed by one device must
 * not be sent by another.
 */
export async function renewDevice(holder: Holder): Promise<boolean> {
  const { store, locks, account } = holder;
  if (!account.published) return false;
  const { list } = await ownList(holder);
  const { deviceId, registrationId } = account;
  if (list?.devices.some((each) => each.id === deviceId && each.registrationId === registrationId))
    return false;
  await locks.run('crypto', async () => {
    const draft = store.draft();
    for (const table of ['sessions', 'prekeys', 'ownChains'] as const)
      for (const [key] of await store.list(table)) draft.delete(table, key);
    for (const [key, { frames: _, departures: __, ...row }] of await store.list('outbox'))
      draft.put('outbox', key, row);
    await draft.commit();
  });
  await locks.run('account', () => holder.update({ published: false, registrationId: newRegistrationId() }));
  return true;
}

/** A random registration id: tells two devices apart that came to have the same number. */
export const newRegistrationId = (): number => 1 + (crypto.getRandomValues(new Uint16Array(1))[0]! % 16_380);
