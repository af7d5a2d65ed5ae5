import { openDeviceList, signDeviceList } from '../../../../crypto/account/index.ts';
import {
  generateKyberPreKey,
  generateOneTimePreKeys,
  generateSignedPreKey,
} from '../../../../crypto/signal/index.ts';
import { toBase64 } from '../../../../protocol/bytes.ts';
import type { DeviceList } from '../../../../protocol/devices.ts';
import { ProblemError } from '../api.ts';
import type { Row } from '../store/store.ts';
import type { Session } from './session.ts';

const oneTimeStock = 40;
const kyberStock = 10;
/** Below this many, the stock is filled up (DESIGN section 3). */
export const refillBelow = 20;

type PreKeyRow = Row<'prekeys'>;

/**
 * Publishes this browser as a device of the account: makes its prekeys, keeps them, then tells the server together with
 * the signed device list that names it. Does nothing when that was done before; goes on where a crash left it.
 */
export async function publishDevice(session: Session): Promise<void> {
  await session.locks.run('device', async () => {
    const { identity } = session.keys;
    for (let attempt = 0; ; attempt++) {
      const account = await session.store.get('account', 'me');
      if (!account || account.published) return;
      const published = await session.api('getBundles', { params: { id: account.id }, query: {} });
      const list =
        published.deviceList && (await openDeviceList(published.deviceList, account.id, identity.publicKey));
      // A list that names us already: the answer to an earlier try was lost.
      const listed = list?.devices.find((device) => device.registrationId === account.registrationId);
      const deviceId = listed?.id ?? (list?.lastId ?? 0) + 1;
      const keys = await newPreKeys(session, account.nextPreKeyId, true);
      const next: DeviceList = {
        v: 1,
        user: account.id,
        version: (list?.version ?? 0) + 1,
        minHandshake: 4,
        devices: [
          ...(list?.devices ?? []),
          { id: deviceId, registrationId: account.registrationId, addedAt: Date.now() },
        ],
        lastId: deviceId,
      };
      try {
        await session.api('putDevice', {
          body: {
            deviceId,
            registrationId: account.registrationId,
            signedPreKey: signed(keys, 'signed')[0]!,
            kyberPreKey: signed(keys, 'kyber-last')[0]!,
            oneTimePreKeys: keys
              .filter((key) => key.kind === 'ec')
              .map(({ id, publicKey }) => ({ id, publicKey })),
            kyberPreKeys: signed(keys, 'kyber'),
            deviceList: listed ? published.deviceList! : signDeviceList(next, identity.privateKey),
          },
        });
      } catch (error) {
        // Another device of ours was published in between: take its list and the next number.
        if (error instanceof ProblemError && error.is('conflict') && attempt < 5) continue;
        throw error;
      }
      await session.locks.run('account', () => session.update({ deviceId, published: true }));
      return;
    }
  });
}

/** Fills up the one-time prekeys when the server runs low. */
export async function refillPreKeys(session: Session): Promise<void> {
  await session.locks.run('device', async () => {
    const account = await session.store.get('account', 'me');
    if (!account?.published) return;
    const { deviceId } = account;
    const left = await session.api('addPreKeys', { body: { deviceId } });
    if (left.oneTime >= refillBelow && left.kyber >= Math.min(refillBelow, kyberStock / 2)) return;
    const keys = await newPreKeys(session, account.nextPreKeyId, false);
    const oneTimePreKeys = keys
      .filter((key) => key.kind === 'ec')
      .map(({ id, publicKey }) => ({ id, publicKey }));
    await session.api('addPreKeys', {
      body: { deviceId, oneTimePreKeys, kyberPreKeys: signed(keys, 'kyber') },
    });
  });
}

/**
 * Makes and keeps prekeys, with the signed and the last-resort one where `lasting`. Their numbers are spent before anybody
 * hears of them: were an answer lost, and a number used again, the server would go on handing out the first key of that number.
 */
async function newPreKeys(session: Session, firstId: number, lasting: boolean): Promise<PreKeyRow[]> {
  const { keys, nextId } = makePreKeys(session.keys.identity, firstId, lasting);
  await session.locks.run('account', () => session.update({ nextPreKeyId: nextId }));
  const draft = session.store.draft();
  for (const key of keys) draft.put('prekeys', preKeyKey(key.kind, key.id), key);
  await draft.commit();
  return keys;
}

function makePreKeys(
  identity: { publicKey: Uint8Array; privateKey: Uint8Array },
  firstId: number,
  lasting: boolean,
) {
  let nextId = firstId;
  const keys: PreKeyRow[] = [];
  if (lasting) {
    const key = generateSignedPreKey(identity, nextId++);
    keys.push({
      kind: 'signed',
      id: key.id,
      publicKey: toBase64(key.keyPair.publicKey),
      privateKey: toBase64(key.keyPair.privateKey),
      signature: toBase64(key.signature),
    });
  }
  for (const key of generateOneTimePreKeys(nextId, oneTimeStock))
    keys.push({
      kind: 'ec',
      id: key.id,
      publicKey: toBase64(key.keyPair.publicKey),
      privateKey: toBase64(key.keyPair.privateKey),
    });
  nextId += oneTimeStock;
  for (let i = 0; i < kyberStock + (lasting ? 1 : 0); i++) {
    const key = generateKyberPreKey(identity, nextId++);
    const kind = lasting && i === 0 ? 'kyber-last' : 'kyber';
    keys.push({
      kind,
      id: key.id,
      publicKey: toBase64(key.publicKey),
      privateKey: toBase64(key.secretKey),
      signature: toBase64(key.signature),
    });
  }
  return { keys, nextId };
}

const signed = (keys: readonly PreKeyRow[], kind: PreKeyRow['kind']) =>
  keys
    .filter((key) => key.kind === kind)
    .map(({ id, publicKey, signature }) => ({ id, publicKey, signature: signature! }));

/** Where a prekey is kept: both Kyber kinds share one number space, as the wire does not tell them apart. */
export const preKeyKey = (kind: PreKeyRow['kind'], id: number): string =>
  `${kind === 'kyber-last' ? 'kyber' : kind}/${id}`;
