import { DeviceListError, openDeviceList } from '../../../../crypto/account/index.ts';
import type { PreKeyBundle } from '../../../../crypto/signal/index.ts';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import { type Bundle, DeviceList, type SignedDeviceList } from '../../../../protocol/devices.ts';
import { m } from '../../language/index.ts';
import { inBackground } from '../background.ts';
import type { Draft } from '../store/store.ts';
import { EngineError } from '../types.ts';
import { mustBeKnown } from './contacts.ts';
import type { Doors } from './holder.ts';

/** How long a device list is believed before it is read again. */
const listLife = 5 * 60_000;

/** What a checked device list says; an account that has published none has no devices. */
export type Devices = Pick<DeviceList, 'user' | 'devices' | 'minHandshake' | 'version'>;

/** A member of a room, by its verified roster. */
export interface Person {
  readonly userId: string;
  readonly identityKey: string;
  /** The identity key with which they first came into the room. */
  readonly first: string | undefined;
}

interface Checked {
  readonly identityKey: string;
  readonly signed: SignedDeviceList;
  readonly list: DeviceList;
}
const isSame = (a: SignedDeviceList, b: SignedDeviceList) => a.body === b.body && a.signature === b.signature;

/**
 * Who hears of a new device reads its list after a while, in ms: everybody in the room hears of it at once. So much for each member,
 * but not more than the most; and not the same list again within a minute, whatever its owner says.
 */
const spread = { each: 20, most: 30_000 };
const againAfter = 60_000;

/** Somebody's devices, checked against the identity key that the verified roster gives. */
export class Peers {
  readonly #doors: Doors;
  readonly #closing = new AbortController();
  /** Work on the store. */
  readonly #busy = new Set<Promise<unknown>>();
  /** Lists that are to be read, by account. */
  readonly #awaited = new Map<string, ReturnType<typeof setTimeout>>();
  /** When a list was last read in the background. */
  readonly #readAt = new Map<string, number>();
  /** The last list of each account whose signature was checked: each message asks for all of them. */
  readonly #checked = new Map<string, Checked>();
  constructor(doors: Doors) {
    this.#doors = doors;
  }

  /**
   * The device list of a member of `room`. Reads it again when it is old, or older than version `atLeast`, of which they have told,
   * or at once with `refresh`.
   *
   * @throws DeviceListError, EngineError `wrong-identity` when the service is not to be believed, `changed-identity` and
   *   `contradicted` when the member is not who this device knows by that name: sessions and lists are shared by all rooms, and
   *   a name in one room must not open the keys of another
   */
  async devices(
    room: string,
    { userId, identityKey, first }: Person,
    refresh = false,
    atLeast = 0,
  ): Promise<Devices> {
    const { store, api, locks } = this.#doors;
    const [known, mark] = await this.#onStore(() =>
      Promise.all([store.get('peers', userId), store.get('contacts', userId)]),
    );
    mustBeKnown(identityKey, { mark, peer: known, first });
    if (known && !refresh && known.version >= atLeast && Date.now() - known.readAt < listLife)
      return this.#open(known.list, userId, identityKey);
    const reply = await api('getBundles', { params: { id: userId }, query: { room } });
    checkIdentity(reply, identityKey);
    const signed = reply.deviceList;
    // Another reading may have brought a newer list while this answer was on its way.
    const keep = async (): Promise<Devices> => {
      const present = await store.get('peers', userId);
      mustBeKnown(identityKey, { mark, peer: present, first });
      const seen = present?.version ?? 0;
      if (!signed) {
        if (seen > 0) throw new DeviceListError('rolled-back', 'the service hides a device list seen before');
        if (atLeast > 0) throw hidden();
        return { user: userId, devices: [], minHandshake: 4, version: 0 };
      }
      const list = await this.#open(signed, userId, identityKey, seen);
      if (present && list.version === seen) mustBeSame(signed, present.list);
      const row = { identityKey, list: signed, version: list.version, readAt: Date.now() };
      await store.write([{ table: 'peers', key: userId, value: row }]);
      if (list.version < atLeast) throw hidden();
      return list;
    };
    return this.#onStore(() => locks.run('peers', keep));
  }

  /** Reads somebody's list before long, if nobody has by then; of version `atLeast`, as in `devices`. `members` hear of it at this moment. */
  readSoon(room: string, person: Person, atLeast: number, members: number): void {
    const { userId } = person;
    if (this.#closing.signal.aborted || this.#awaited.has(userId)) return;
    const read = () => {
      this.#awaited.delete(userId);
      this.#readAt.set(userId, Date.now());
      const reading = this.devices(room, person, false, atLeast).catch((error) => {
        if (!this.#closing.signal.aborted) throw error;
      });
      inBackground(reading, 'reading the list of a new device');
    };
    const wait = Math.random() * Math.min(spread.most, spread.each * members);
    const rest = (this.#readAt.get(userId) ?? 0) + againAfter - Date.now();
    this.#awaited.set(userId, setTimeout(read, Math.max(wait, rest)));
  }

  /** Nothing touches the store once this has resolved: what is asked of the service meanwhile comes to nothing. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#awaited.values()) clearTimeout(timer);
    await Promise.allSettled(this.#busy);
  }

  /** Throws an AbortError once this is closed. */
  async #onStore<T>(task: () => Promise<T>): Promise<T> {
    this.#closing.signal.throwIfAborted();
    const work = task();
    this.#busy.add(work);
    try {
      return await work;
    } finally {
      this.#busy.delete(work);
    }
  }

  async #open(signed: SignedDeviceList, userId: string, identityKey: string, seen = 0): Promise<DeviceList> {
    const checked = this.#checked.get(userId);
    if (
      checked?.identityKey === identityKey &&
      isSame(checked.signed, signed) &&
      checked.list.version >= seen
    )
      return checked.list;
    const list = await openDeviceList(signed, userId, fromBase64(identityKey), DeviceList, seen);
    this.#checked.set(userId, { identityKey, signed, list });
    return list;
  }

  /** Somebody has a new device, or one less: their list is read again before they are written to. The caller holds `crypto`. */
  async doubt(draft: Draft, userId: string): Promise<void> {
    const known = await draft.get('peers', userId);
    if (known) draft.put('peers', userId, { ...known, readAt: 0 });
  }

  /** Key bundles of some devices of a list; a device for which the server has none is left out. */
  async bundles(
    room: string,
    list: Devices,
    identityKey: string,
    devices: readonly number[],
  ): Promise<Map<number, PreKeyBundle>> {
    const found = new Map<number, PreKeyBundle>();
    if (devices.length === 0) return found;
    const reply = await this.#doors.api('getBundles', {
      params: { id: list.user },
      query: { room, devices: devices.join(',') },
    });
    checkIdentity(reply, identityKey);
    for (const bundle of reply.bundles) {
      const listed = list.devices.find((device) => device.id === bundle.deviceId);
      if (!listed || listed.registrationId !== bundle.registrationId || !devices.includes(bundle.deviceId))
        continue;
      found.set(bundle.deviceId, readBundle(bundle, identityKey));
    }
    return found;
  }
}

/** They have told, in a message, of a newer list than the service shows. */
const hidden = () =>
  new DeviceListError('rolled-back', 'the service hides a newer device list, of which they have told');

/** Of one version there is one list: a second one was made of an older, to bring back a device that was revoked. Throws DeviceListError. */
export function mustBeSame(signed: SignedDeviceList, seen: SignedDeviceList): void {
  if (signed.body !== seen.body)
    throw new DeviceListError('forked', 'the service shows another device list than one seen before');
}

/** Keys are only ever taken from the roster; a service that tells of others is lying to somebody. */
function checkIdentity(reply: { readonly identityKey: string }, identityKey: string): void {
  if (reply.identityKey !== identityKey) throw new EngineError('wrong-identity', m.engine_otherIdentity());
}

function readBundle(bundle: Bundle, identityKey: string): PreKeyBundle {
  const { signedPreKey, kyberPreKey, oneTimePreKey } = bundle;
  const signed = (key: { id: number; publicKey: string; signature: string }) => ({
    id: key.id,
    publicKey: fromBase64(key.publicKey),
    signature: fromBase64(key.signature),
  });
  return {
    registrationId: bundle.registrationId,
    deviceId: bundle.deviceId,
    identityKey: fromBase64(identityKey),
    signedPreKey: signed(signedPreKey),
    ...(kyberPreKey && { kyberPreKey: signed(kyberPreKey) }),
    ...(oneTimePreKey && {
      oneTimePreKey: { id: oneTimePreKey.id, publicKey: fromBase64(oneTimePreKey.publicKey) },
    }),
  };
}
