import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64 } from '../../protocol/bytes.ts';
import { BackedUpChain } from '../../protocol/stored.ts';
import { createSenderKey, distribution, encryptGroup } from '../signal/index.ts';
import { accountKeys, createAccountSecret, openChain, SealError, sealChain } from './index.ts';

const { backupKey } = accountKeys(createAccountSecret());
const room = '0190d8a0-0000-7000-8000-000000000001';
const other = '0190d8a0-0000-7000-8000-000000000002';
const address = '0190d8a0-0000-7000-8000-00000000000a:1';
const state = createSenderKey(crypto.randomUUID());
const chain = { room, address, distribution: toBase64(distribution(state)) };

describe('a backup of a sender chain', () => {
  test('opens for the account that made it, in its place', async () => {
    expect(await openChain(backupKey, room, await sealChain(backupKey, chain), BackedUpChain)).toEqual(chain);
  });

  test('has one id for one place of one chain, and another for any other', async () => {
    const { id } = await sealChain(backupKey, chain);
    expect((await sealChain(backupKey, chain)).id).toBe(id);
    const later = encryptGroup(state, new Uint8Array(1)).state;
    const others = [
      { ...chain, room: other },
      { ...chain, address: address.replace(':1', ':2') },
      { ...chain, distribution: toBase64(distribution(later)) },
      { ...chain, distribution: toBase64(distribution(createSenderKey(state.distributionId))) },
    ];
    const ids = await Promise.all(others.map(async (one) => (await sealChain(backupKey, one)).id));
    expect(new Set([id, ...ids]).size).toBe(5);
    const stranger = accountKeys(createAccountSecret()).backupKey;
    expect((await sealChain(stranger, chain)).id).not.toBe(id);
  });

  test('is as long for one device as for another', async () => {
    const { sealed } = await sealChain(backupKey, chain);
    const far = { ...chain, address: address.replace(':1', ':127') };
    expect((await sealChain(backupKey, far)).sealed.length).toBe(sealed.length);
  });

  test.each(['in another room', 'under the id of another chain', "of another account's", 'altered'])(
    'does not open %s',
    async (how) => {
      const made = await sealChain(backupKey, chain);
      const bytes = fromBase64(made.sealed);
      bytes[20]! ^= 1;
      const second = await sealChain(backupKey, { ...chain, address: address.replace(':1', ':2') });
      const stranger = accountKeys(createAccountSecret()).backupKey;
      const attempts: Record<string, () => Promise<unknown>> = {
        'in another room': () => openChain(backupKey, other, made, BackedUpChain),
        'under the id of another chain': () =>
          openChain(backupKey, room, { ...made, id: second.id }, BackedUpChain),
        "of another account's": () => openChain(stranger, room, made, BackedUpChain),
        altered: () => openChain(backupKey, room, { ...made, sealed: toBase64(bytes) }, BackedUpChain),
      };
      await expect(attempts[how]!()).rejects.toThrow(SealError);
    },
  );
});
