import { DeviceListError } from '../../../../crypto/account/index.ts';
import { SignalError } from '../../../../crypto/signal/index.ts';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import type { CallPayload } from '../../../../protocol/content.ts';
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

/**
 * Seals `payload` for one device; base64url.
 *
 * @throws EngineError `not-a-member`, `no-device`, `no-session`, `changed-identity`; DeviceListError
 */
export async function sealSignal(
  holder: Holder,
  peers: Peers,
  log: RosterLog,
  address: string,
  payload: CallPayload,
): Promise<string> {
  const { identityKey, list } = await ownerOf(peers, log, address);
  const id = deviceOf(address);
  const row = await holder.store.get('sessions', address);
  const wanted = row && !row.stale ? [] : [id];
  const bundle = (await peers.bundles(log.room, list, identityKey, wanted)).get(id);
  const reader = { address, identityKey, minVersion: list.minHandshake, ...(bundle && { bundle }) };
  return holder.locks.run('crypto', async () => {
    const draft = holder.store.draft();
    const box = await new Pairwise(holder).seal(draft, reader, payload);
    await draft.commit();
    return toBase64(box);
  });
}

/** What a signal said, or that it is not to be believed, and how many of this device's prekeys it used up. */
export interface OpenedSignal {
  readonly payload?: CallPayload;
  /** It is not from the device that the service names, was seen before, or was made for another room. */
  readonly refused: boolean;
  readonly handshakes: number;
}

/** Opens what the device at `address` sealed by `sealSignal`. Never throws for what others sent. */
export async function openSignal(
  holder: Holder,
  peers: Peers,
  log: RosterLog,
  address: string,
  box: string,
): Promise<OpenedSignal> {
  const pairwise = new Pairwise(holder);
  const refused = (error: unknown): undefined => {
    if (!(error instanceof SignalError || error instanceof EngineError || error instanceof DeviceListError))
      throw error;
    console.warn(`a signal was refused: ${error.message}`);
  };
  const owner = await ownerOf(peers, log, address).catch(refused);
  if (!owner) return { refused: true, handshakes: 0 };
  const payload = await holder.locks.run('crypto', async () => {
    const draft = holder.store.draft();
    const opened = await pairwise
      .open(draft, address, owner.identityKey, fromBase64(box))
      .catch(async (error: unknown) => {
        if (error instanceof SignalError && outOfStep.has(error.reason)) await doubtSession(draft, address);
        return refused(error);
      });
    await draft.commit();
    return opened;
  });
  const fits = payload?.kind === 'call' && payload.room === log.room;
  return { refused: !fits, handshakes: pairwise.handshakes, ...(fits && { payload }) };
}
