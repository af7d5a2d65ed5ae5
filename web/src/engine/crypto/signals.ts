import { DeviceListError } from '../../../../crypto/account/index.ts';
import { SignalError } from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { CallPayload, DevicePayload } from '../../../../protocol/content.ts';
import { deviceOf, userOf } from '../../../../protocol/scalars.ts';
import { m } from '../../language/index.ts';
import type { RosterLog } from '../rooms/roster.ts';
import { EngineError } from '../types.ts';
import type { Holder } from './holder.ts';
import { outOfStep } from './opening.ts';
import { doubtSession, Pairwise } from './pairwise.ts';
import type { Devices, Peers } from './peers.ts';

/**
 * Signals of calls: sealed by the pairwise session of two devices, as keys are, but sent past the log. So a description, with its
 * fingerprints, is from a device that a present member's signed list names, or it is nothing.
 */

/** The member whose device this is, and their signed list, which names it. Throws EngineError `not-a-member`, `no-device`. */
async function ownerOf(peers: Peers, log: RosterLog, address: string) {
  const member = log.verified.roster.members.get(userOf(address));
  if (!member) throw new EngineError('not-a-member', m.engine_notInRoom());
  const person = { ...member, first: log.firstIdentity(member.userId) };
  const names = (list: Devices) => list.devices.some(({ id }) => id === deviceOf(address));
  let list = await peers.devices(log.room, person);
  if (!names(list)) list = await peers.devices(log.room, person, true);
  if (!names(list)) throw new EngineError('no-device', m.engine_notTheirDevice());
  return { identityKey: member.identityKey, list };
}

/** What one device is to be told. */
export interface OutgoingSignal {
  readonly address: string;
  readonly payload: CallPayload;
}

/** What is said to come from one device. */
export interface IncomingSignal {
  readonly address: string;
  readonly box: string;
}

/**
 * Seals each for its device, in base64url; undefined for what could not be. All of it is one write to the disk: a connection takes
 * dozens of signals, and where each waited for a write of its own, those of a large call came when nobody needed them any more.
 */
export async function sealSignals(
  holder: Holder,
  peers: Peers,
  log: RosterLog,
  signals: readonly OutgoingSignal[],
): Promise<(string | undefined)[]> {
  const failed = (error: unknown): undefined => {
    console.warn('a signal could not be sealed', error);
  };
  const readers = await byAddress(signals, (address) => readerOf(holder, peers, log, address).catch(failed));
  return holder.locks.run('crypto', async () => {
    const draft = holder.store.draft();
    const pairwise = new Pairwise(holder);
    const boxes: (string | undefined)[] = [];
    for (const { address, payload } of signals) {
      const reader = readers.get(address);
      const box = reader && (await pairwise.seal(draft, reader, payload).catch(failed));
      boxes.push(box && toBase64(box));
    }
    await draft.commit();
    return boxes;
  });
}

/** What `of` answers for each device that signals are for, or of; each is asked about once. */
async function byAddress<T>(
  signals: readonly { readonly address: string }[],
  of: (address: string) => Promise<T>,
): Promise<Map<string, T>> {
  const addresses = [...new Set(signals.map(({ address }) => address))];
  return new Map(await Promise.all(addresses.map(async (address) => [address, await of(address)] as const)));
}

/** Whom the device at `address` is, to be sealed for. Throws as `ownerOf`. */
async function readerOf(holder: Holder, peers: Peers, log: RosterLog, address: string) {
  const { identityKey, list } = await ownerOf(peers, log, address);
  const id = deviceOf(address);
  const row = await holder.store.get('sessions', address);
  const wanted = row && !row.stale ? [] : [id];
  const bundle = (await peers.bundles(log.room, list, identityKey, wanted)).get(id);
  return { address, identityKey, minVersion: list.minHandshake, ...(bundle && { bundle }) };
}

/** What signals said, in their order, or that one is not to be believed. */
export interface OpenedSignals {
  readonly signals: readonly {
    readonly payload?: CallPayload;
    /** It is not from the device that the service names, was seen before, or was made for another room. */
    readonly refused: boolean;
  }[];
  /** How many of this device's prekeys they used up. */
  readonly handshakes: number;
}

/** Opens what devices sealed by `sealSignals`. Never throws for what others sent. */
export async function openSignals(
  holder: Holder,
  peers: Peers,
  log: RosterLog,
  signals: readonly IncomingSignal[],
): Promise<OpenedSignals> {
  const pairwise = new Pairwise(holder);
  const refused = (error: unknown): undefined => {
    if (!(error instanceof SignalError || error instanceof EngineError || error instanceof DeviceListError))
      throw error;
    console.warn(`a signal was refused: ${error.message}`);
  };
  const owners = await byAddress(signals, (address) => ownerOf(peers, log, address).catch(refused));
  const payloads = await holder.locks.run('crypto', async () => {
    const draft = holder.store.draft();
    const opened: (DevicePayload | undefined)[] = [];
    for (const { address, box } of signals) {
      const owner = owners.get(address);
      const payload =
        owner &&
        (await pairwise
          .open(draft, address, owner.identityKey, fromBase64(box))
          .catch(async (error: unknown) => {
            if (error instanceof SignalError && outOfStep.has(error.reason))
              await doubtSession(draft, address);
            return refused(error);
          }));
      opened.push(payload);
    }
    // Lost with the power, it is only as if they had not come: the call is over, and whatever is sealed later is written after it.
    await draft.commit('relaxed');
    return opened;
  });
  return {
    signals: payloads.map((payload) =>
      payload?.kind === 'call' && payload.room === log.room ? { payload, refused: false } : { refused: true },
    ),
    handshakes: pairwise.handshakes,
  };
}
