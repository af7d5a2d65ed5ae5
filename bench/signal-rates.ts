// How fast somebody speaks the Signal protocol. Runs in Node and, bundled, in a browser.
import {
  acceptDistribution,
  createSenderKey,
  decryptGroup,
  distribution,
  encryptGroup,
} from '../crypto/signal/index.ts';
import { Device } from '../crypto/signal/testing/device.ts';
import type { PreKeyBundle } from '../crypto/signal/x3dh.ts';

/** A device, ours or somebody else's. */
export interface Speaker {
  readonly bundle: PreKeyBundle;
  start(other: { readonly bundle: PreKeyBundle }): Promise<void>;
  send(plaintext: Uint8Array): Promise<Uint8Array>;
  receive(bytes: Uint8Array): Promise<Uint8Array>;
  forget(): void;
}

/** Both ends of a sender chain. */
export interface RoomPair {
  send(plaintext: Uint8Array): Promise<Uint8Array>;
  receive(bytes: Uint8Array): Promise<void>;
}

export interface Contender {
  device(options: { kyber: boolean }): Promise<Speaker>;
  room(): Promise<RoomPair>;
}

/** How many of each in a second. */
export interface Rates {
  /** Sessions begun: the bundle checked, the first message written and read. */
  readonly x3dh: number;
  readonly pqxdh: number;
  /** Messages of 256 bytes, each encrypted and decrypted. */
  readonly chain: number;
  /** The same, each an answer to the one before. */
  readonly ratchet: number;
  readonly groupEncrypt: number;
  readonly groupDecrypt: number;
}

export const distributionId = 'd1d1d1d1-7000-11eb-b32a-33b8a8a487a6';

/** Our own protocol on the platform that we run on. */
export const ours: Contender = {
  device: async (options) => new Device(options),
  async room() {
    let own = createSenderKey(distributionId);
    let followed = acceptDistribution(distribution(own));
    return {
      async send(plaintext) {
        const { state, bytes } = encryptGroup(own, plaintext);
        own = state;
        return bytes;
      },
      async receive(bytes) {
        ({ state: followed } = await decryptGroup(followed, bytes));
      },
    };
  },
};

/** All that is measured, in its order. */
export const metrics: readonly (keyof Rates)[] = [
  'x3dh',
  'pqxdh',
  'chain',
  'ratchet',
  'groupEncrypt',
  'groupDecrypt',
];

/**
 * Measures one thing for about `1.5 × duration` seconds, of which a third is there to warm up: engines compile what they
 * have run for a while. Gives how many in a second.
 *
 * @param clock seconds, of CPU time where the platform tells it: other work on the machine then counts less
 */
export async function measure(
  contender: Contender,
  metric: keyof Rates,
  duration: number,
  clock: () => number,
): Promise<number> {
  const plaintext = new Uint8Array(256);

  /** Does `task` until the time is over, and gives how often in a second. */
  async function rate(task: () => Promise<unknown>): Promise<number> {
    const times = async (seconds: number) => {
      const began = clock();
      let count = 0;
      for (; clock() - began < seconds; count++) await task();
      return count / (clock() - began);
    };
    await times(duration / 2);
    return times(duration);
  }

  async function setUp(kyber: boolean): Promise<number> {
    const [ana, ben] = [await contender.device({ kyber }), await contender.device({ kyber })];
    return rate(async () => {
      ana.forget();
      ben.forget();
      await ana.start(ben);
      await ben.receive(await ana.send(plaintext));
    });
  }

  async function acquainted(): Promise<[Speaker, Speaker]> {
    const [ana, ben] = [await contender.device({ kyber: true }), await contender.device({ kyber: true })];
    await ana.start(ben);
    await ben.receive(await ana.send(plaintext));
    await ana.receive(await ben.send(plaintext));
    return [ana, ben];
  }

  async function chain(): Promise<number> {
    const [ana, ben] = await acquainted();
    return rate(async () => ben.receive(await ana.send(plaintext)));
  }

  async function ratchet(): Promise<number> {
    let [from, to] = await acquainted();
    return rate(async () => {
      await to.receive(await from.send(plaintext));
      [from, to] = [to, from];
    });
  }

  async function groupEncrypt(): Promise<number> {
    const room = await contender.room();
    return rate(() => room.send(plaintext));
  }

  async function groupDecrypt(): Promise<number> {
    const room = await contender.room();
    let [count, spent, warm] = [0, 0, 0];
    while (spent < duration) {
      const written: Uint8Array[] = [];
      for (let i = 0; i < 100; i++) written.push(await room.send(plaintext));
      const began = clock();
      for (const bytes of written) await room.receive(bytes);
      const took = clock() - began;
      if (warm < duration / 2) {
        warm += took;
        continue;
      }
      spent += took;
      count += written.length;
    }
    return count / spent;
  }

  const tasks: Record<keyof Rates, () => Promise<number>> = {
    x3dh: () => setUp(false),
    pqxdh: () => setUp(true),
    chain,
    ratchet,
    groupEncrypt,
    groupDecrypt,
  };
  return tasks[metric]();
}
