import type { Bundle, SignedDeviceList } from '../../../../../protocol/devices.ts';
import type { Message, Outgoing } from '../../../../../protocol/socket.ts';
import type { Api } from '../../api.ts';

interface Account {
  readonly identityKey: string;
  deviceList: SignedDeviceList | null;
  readonly bundles: Map<number, Published>;
}

interface OneTimeKeys {
  readonly oneTimePreKeys: NonNullable<Bundle['oneTimePreKey']>[];
  readonly kyberPreKeys: NonNullable<Bundle['kyberPreKey']>[];
}

/** What `PUT /keys/device` brings of one device. */
interface Published extends Bundle, OneTimeKeys {}

const joined = (one: OneTimeKeys | undefined, other: OneTimeKeys): OneTimeKeys => ({
  oneTimePreKeys: [...(one?.oneTimePreKeys ?? []), ...other.oneTimePreKeys],
  kyberPreKeys: [...(one?.kyberPreKeys ?? []), ...other.kyberPreKeys],
});

const stockOf = ({ oneTimePreKeys, kyberPreKeys }: OneTimeKeys) => ({
  oneTime: oneTimePreKeys.length,
  kyber: kyberPreKeys.length,
});

/** Hands out the keys of one device: each one-time key once. */
function bundleOf({ oneTimePreKeys, kyberPreKeys, ...device }: Published): Bundle {
  const { deviceId, registrationId, signedPreKey } = device;
  const oneTimePreKey = oneTimePreKeys.shift();
  const kyberPreKey = kyberPreKeys.shift() ?? device.kyberPreKey;
  return {
    ...{ deviceId, registrationId, signedPreKey },
    ...(kyberPreKey && { kyberPreKey }),
    ...(oneTimePreKey && { oneTimePreKey }),
  };
}

/** As much of the service as hosts of keys ask for: device lists, bundles, and one room's log. */
export class Service {
  readonly #accounts = new Map<string, Account>();
  readonly log: Message[] = [];
  /** Every frame that ever came, by its sender's account. */
  readonly frames: (Outgoing & { readonly sender: string })[] = [];

  admit(userId: string, identityKey: string): void {
    this.#accounts.set(userId, { identityKey, deviceList: null, bundles: new Map() });
  }

  listOf(userId: string): SignedDeviceList | null {
    return this.#accounts.get(userId)!.deviceList;
  }

  /** From now on this is said to be the account's device list. */
  tellList(userId: string, list: SignedDeviceList | null): void {
    this.#accounts.get(userId)!.deviceList = list;
  }

  /** How many one-time keys of the account's device 1 are still to be handed out. */
  stock(userId: string): { oneTime: number; kyber: number } {
    return stockOf(this.#accounts.get(userId)!.bundles.get(1)!);
  }

  /** From now on it has no keys of any of the account's devices. */
  loseKeys(userId: string): void {
    this.#accounts.get(userId)!.bundles.clear();
  }

  /** The service as the account `userId` is answered. */
  apiFor(userId: string): Api {
    const calls: Record<string, (args: never) => unknown> = {
      getBundles: ({ params, query }: { params: { id: string }; query: { devices?: string } }) => {
        const { identityKey, deviceList, bundles } = this.#accounts.get(params.id)!;
        const asked = query.devices?.split(',').map(Number) ?? [];
        return {
          userId: params.id,
          identityKey,
          deviceList,
          bundles: [...bundles.values()].filter(({ deviceId }) => asked.includes(deviceId)).map(bundleOf),
        };
      },
      putDevice: ({ body }: { body: Published & { deviceList: SignedDeviceList } }) => {
        const account = this.#accounts.get(userId)!;
        account.deviceList = body.deviceList;
        const before = account.bundles.get(body.deviceId);
        account.bundles.set(body.deviceId, { ...structuredClone(body), ...joined(before, body) });
        return stockOf(account.bundles.get(body.deviceId)!);
      },
      addPreKeys: ({ body }: { body: Partial<OneTimeKeys> & { deviceId: number } }) => {
        const { bundles } = this.#accounts.get(userId)!;
        const device = bundles.get(body.deviceId)!;
        const { oneTimePreKeys = [], kyberPreKeys = [] } = body;
        bundles.set(body.deviceId, { ...device, ...joined(device, { oneTimePreKeys, kyberPreKeys }) });
        return stockOf(bundles.get(body.deviceId)!);
      },
      getBackup: () => ({ items: [], next: null }),
      listDevices: () => ({ items: [] }),
    };
    return (async (name: string, args: never) => {
      const call = calls[name];
      if (!call) throw new Error(`nobody was expected to call ${name}`);
      return structuredClone(call(args));
    }) as Api;
  }

  /** Puts a frame into the log, unless it is there. */
  take(sender: string, frame: Outgoing): void {
    this.frames.push({ ...frame, sender });
    if (this.log.some(({ id }) => id === frame.id)) return;
    this.log.push({ ...frame, seq: this.log.length + 1, sender, at: Date.now() });
  }

  /** What a device is sent of the log. */
  for(userId: string, address: string): Message[] {
    return this.log.filter(
      ({ recipient, sender }) => recipient === undefined || recipient === address || sender === userId,
    );
  }
}
