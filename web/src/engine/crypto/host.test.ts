import 'fake-indexeddb/auto';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { accountKeys, createAccountSecret } from '../../../../crypto/account/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { Api } from '../api.ts';
import { createLocks } from '../store/locks.ts';
import { Store } from '../store/store.ts';
import { createHost } from './host.ts';

const alone = (storeName: string) =>
  createHost({
    ...{ storeName, transport: 'body', deviceName: 'Test' },
    api: (async () => Promise.reject(new Error('nothing is asked'))) as unknown as Api,
    locks: createLocks(storeName),
    deriveMasterKey: async () => new Uint8Array(32),
  });

it('a store of an earlier version: the secret leaves the row that the page reads', async () => {
  const name = crypto.randomUUID();
  const store = await Store.open(name);
  const secret = createAccountSecret();
  const id = uuidv7();
  const rest = { email: 'a@example.org', name: 'A', registrationId: 7, published: true, nextPreKeyId: 1 };
  const account = { id, deviceId: 1, ...rest };
  await store.write([{ table: 'account', key: 'me', value: { ...account, secret: toBase64(secret) } }]);
  const host = alone(name);
  await host.open();
  const identityKey = toBase64(accountKeys(secret).identity.publicKey);
  expect(await store.get('account', 'me')).toEqual({ ...account, identityKey });
  const room = uuidv7();
  const sealed = await host.sealRoomSecret(room, new Uint8Array(32).fill(9));
  host.close();
  // Another one, later, finds the same keys.
  const next = alone(name);
  expect(await next.openRoomSecret(room, sealed)).toEqual(new Uint8Array(32).fill(9));
  await expect(next.openRoomSecret(uuidv7(), sealed)).rejects.toThrow();
  next.close();
  store.close();
});

it('signs nothing in the name of somebody else, and nothing when nobody is signed in', async () => {
  const name = crypto.randomUUID();
  const host = alone(name);
  const entry = { v: 1, room: uuidv7(), seq: 1, prev: 'x', by: uuidv7(), at: 1, kind: 'left' } as const;
  await expect(host.signEntry(entry)).rejects.toMatchObject({ reason: 'signed-out' });
  const store = await Store.open(name);
  const rest = { email: 'a@example.org', name: 'A', registrationId: 7, published: true, nextPreKeyId: 1 };
  await store.write([
    { table: 'account', key: 'me', value: { id: uuidv7(), deviceId: 1, ...rest } },
    { table: 'secrets', key: 'me', value: { secret: toBase64(createAccountSecret()) } },
  ]);
  await expect(host.signEntry(entry)).rejects.toThrow('its own author');
  host.close();
  store.close();
});
