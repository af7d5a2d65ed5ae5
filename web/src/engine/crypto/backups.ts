import { type ChainToBackUp, openChain, SealError, sealChain } from '../../../../crypto/account/index.ts';
import { BackedUpChain } from '../../../../protocol/stored.ts';
import type { Draft } from '../store/store.ts';
import { restoreChain } from './chains.ts';
import type { Holder } from './holder.ts';

/** More pages than an account's room can have: a service that goes on for ever is not listened to for ever. */
const maxPages = 100;

/** Seals a chain that is new to this device for the account's others; it leaves once the draft is committed. */
export async function backUp(draft: Draft, backupKey: Uint8Array, chain: ChainToBackUp): Promise<void> {
  const { id, sealed } = await sealChain(backupKey, chain);
  draft.put('backups', id, { id, chatroomId: chain.room, sealed });
}

/**
 * Learns the chains of `room` that other devices of the account have backed up. What the account did not seal for this very
 * place is passed over. Throws EngineError when the service cannot be reached. The caller must not hold the lock `crypto`.
 *
 * @returns how many chains are new to this device, and whether the service handed out something forged
 */
export async function learnBackups(
  holder: Holder,
  room: string,
): Promise<{ learned: number; forged: boolean }> {
  const { backupKey } = holder.keys;
  const chains: ChainToBackUp[] = [];
  let forged = false;
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const { items, next } = await holder.api('getBackup', {
      query: { room, limit: 1000, ...(cursor !== undefined && { cursor }) },
    });
    for (const item of items) {
      try {
        chains.push(await openChain(backupKey, room, item, BackedUpChain));
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        forged = true;
      }
    }
    if (next === null) break;
    cursor = next;
  }
  const learned = await holder.locks.run('crypto', async () => {
    const draft = holder.store.draft();
    let count = 0;
    for (const chain of chains) if (await restoreChain(draft, chain)) count++;
    await draft.commit();
    return count;
  });
  return { learned, forged };
}
