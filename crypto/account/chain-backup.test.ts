import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import { BackedUpChain } from '../../protocol/stored.ts';
import { createSenderKey, distribution, encryptGroup } from '../signal/index.ts';
import { hkdf, hmac } from '../signal/testing/reference.ts';
import { accountKeys, createAccountSecret, openChain, SealError, sealChain, sealWith } from './index.ts';

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

  test('has the id that its name and the account’s key make', async () => {
    const { distributionId, chainId } = state;
    const key = hkdf(backupKey, new Uint8Array(0), 'Stream Chat chain backup id v1', 32);
    const name = utf8(`${room}/${address}/${distributionId}/${chainId}/0`);
    expect((await sealChain(backupKey, chain)).id).toBe(toBase64(hmac(key, name)));
  });

  test.each([
    ['another chain', { v: 1, address: address.replace(':1', ':2'), distribution: chain.distribution }],
    ['no chain', { v: 1, address, distribution: 'AAAA' }],
    ['another form', { v: 2, address, distribution: chain.distribution }],
  ])('is refused when there is %s in it, even if it was sealed in its place', async (_, content) => {
    const { id } = await sealChain(backupKey, chain);
    const label = `chain backup ${room} ${id}`;
    const sealed = toBase64(await sealWith(backupKey, utf8(JSON.stringify(content)), label));
    const opened = openChain(backupKey, room, { id, sealed }, BackedUpChain);
    await expect(opened).rejects.toMatchObject({ name: 'SealError' });
  });

  test('is bound to its room and id', async () => {
    const { id } = await sealChain(backupKey, chain);
    const content = utf8(JSON.stringify({ v: 1, address, distribution: chain.distribution }));
    const sealed = toBase64(await sealWith(backupKey, content, `chain backup ${room} ${id}`));
    expect(await openChain(backupKey, room, { id, sealed }, BackedUpChain)).toEqual(chain);
  });

  test('is as long for one device as for another', async () => {
    const { sealed } = await sealChain(backupKey, chain);
    const far = { ...chain, address: address.replace(':1', ':127') };
    expect((await sealChain(backupKey, far)).sealed.length).toBe(sealed.length);
    // Nonce, 384 bytes, tag.
    expect(fromBase64(sealed)).toHaveLength(12 + 384 + 16);
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
