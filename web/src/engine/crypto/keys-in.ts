import { fromBase64, fromUtf8 } from '../../../../protocol/bytes.ts';
import { DeviceList, type SignedDeviceList } from '../../../../protocol/devices.ts';
import type { RosterLog } from '../rooms/roster.ts';
import type { Holder } from './holder.ts';
import type { KeysIn } from './index.ts';

/** What is stored was checked when it came. */
const deviceIds = ({ body }: SignedDeviceList): number[] =>
  DeviceList.parse(JSON.parse(fromUtf8(fromBase64(body)))).devices.map(({ id }) => id);

/** What there is to see of a room's keys (`KeyHost.keysIn`): how much they have been used, never the keys themselves. */
export async function keysIn({ store }: Holder, log: RosterLog): Promise<KeysIn> {
  const chain = await store.get('ownChains', log.room);
  const devices = new Map<string, readonly number[]>();
  for (const userId of log.verified.roster.members.keys()) {
    const peer = await store.get('peers', userId);
    if (peer) devices.set(userId, deviceIds(peer.list));
  }
  return {
    chain: chain && { since: chain.createdAt, messages: chain.count, devices: chain.sentTo.length },
    devices,
  };
}
