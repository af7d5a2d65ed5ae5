import { type AccountKeys, openWith, SealError, sealWith } from '../../../../crypto/account/index.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import type { Passkey } from '../types.ts';
import type { Holder } from './holder.ts';

const unnamed = 'Passkey';
const purpose = (id: string) => `passkey ${id}`;

/** What a passkey is called, for the account's own eyes. */
export const sealPasskeyName = async (keys: AccountKeys, id: string, name: string): Promise<string> =>
  toBase64(await sealWith(keys.vaultKey, utf8(name), purpose(id)));

/** The account's passkeys, by the service's word, the newest first. */
export async function listPasskeys({ api, keys }: Holder): Promise<Passkey[]> {
  const { items } = await api('listPasskeys', {});
  return Promise.all(
    items.map(async ({ id, sealedName, createdAt, usedAt }) => ({
      id,
      name: await openWith(keys.vaultKey, fromBase64(sealedName), purpose(id)).then(
        fromUtf8,
        (error: unknown) => {
          if (error instanceof SealError) return unnamed;
          throw error;
        },
      ),
      addedAt: Date.parse(createdAt),
      ...(usedAt !== null && { usedAt: Date.parse(usedAt) }),
    })),
  );
}
