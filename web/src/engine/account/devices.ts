import { openWith, SealError, sealWith, signDeviceList } from '../../../../crypto/account/index.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { ProblemError } from '../api.ts';
import { type Device, EngineError } from '../types.ts';
import { ownList } from './device.ts';
import type { Session } from './session.ts';

const unnamed = 'Unnamed device';
const longestName = 60;

const purpose = (deviceId: number) => `device ${deviceId}`;

/** A device's name under the account's vault key, for that device alone; base64url. */
export async function sealDeviceName(session: Session, deviceId: number, name: string): Promise<string> {
  return toBase64(await sealWith(session.keys.vaultKey, utf8(name.slice(0, longestName)), purpose(deviceId)));
}

/** The devices that the account's signed list names, the newest first. */
export async function listDevices(session: Session): Promise<Device[]> {
  const { list } = await ownList(session);
  const { items } = await session.api('listDevices', {});
  const { vaultKey } = session.keys;
  return Promise.all(
    (list?.devices ?? []).toReversed().map(async ({ id, addedAt }): Promise<Device> => {
      const known = items.find(({ deviceId }) => deviceId === id);
      const sealed = known?.sealedName;
      const name = sealed
        ? await openWith(vaultKey, fromBase64(sealed), purpose(id)).then(fromUtf8, (error: unknown) => {
            if (error instanceof SealError) return unnamed;
            throw error;
          })
        : unnamed;
      return {
        id,
        name,
        addedAt,
        isThis: id === session.account.deviceId,
        ...(known && { lastSeen: Date.parse(known.lastSeen) }),
      };
    }),
  );
}

export async function renameDevice(session: Session, id: number, name: string): Promise<void> {
  const sealedName = await sealDeviceName(session, id, name.trim() || unnamed);
  await session.api('nameDevice', { params: { device: id }, body: { sealedName } });
}

/**
 * Takes a device from the signed list: it gets no key from anybody any more, and its sessions with the service end. Answers
 * whether it stood there.
 */
export async function dropDevice(session: Session, id: number): Promise<boolean> {
  return session.locks.run('device', async () => {
    for (let attempt = 0; ; attempt++) {
      const { list } = await ownList(session);
      if (!list?.devices.some((device) => device.id === id)) return false;
      const next = {
        ...list,
        version: list.version + 1,
        devices: list.devices.filter((device) => device.id !== id),
      };
      const deviceList = signDeviceList(next, session.keys.identity.privateKey);
      try {
        await session.api('dropDevice', { params: { device: id }, body: { deviceList } });
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
export async function renewDevice(session: Session): Promise<boolean> {
  const { store, locks, account } = session;
  if (!account.published) return false;
  const { list } = await ownList(session);
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
  await locks.run('account', () => session.update({ published: false, registrationId: newRegistrationId() }));
  return true;
}

/** A random registration id: tells two devices apart that came to have the same number. */
export const newRegistrationId = (): number => 1 + (crypto.getRandomValues(new Uint16Array(1))[0]! % 16_380);

/** Throws EngineError `this-device`: signing out is the way to end this one. */
export function refuseOwn(session: Session, id: number): void {
  if (id === session.account.deviceId)
    throw new EngineError('this-device', 'This is the device that you are on. Sign out to end it.');
}
