import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, fromBase64, toBase64, utf8 } from '../../protocol/bytes.ts';
import type { BackedUpChain } from '../../protocol/stored.ts';
import { readJson, type Schema } from '../schema.ts';
import { readDistribution } from '../signal/sender-key.ts';
import { openWith, SealError, sealWith } from './seal.ts';

const idLabel = 'Stream Chat chain backup id v1';
/** All backups are equally long, whoever's chain it is and wherever it starts. */
const paddedLength = 384;

/** A sender chain at the first place that a device of the account knows. */
export interface ChainToBackUp {
  readonly room: string;
  /** Device address of the chain's maker. */
  readonly address: string;
  /** SenderKeyDistributionMessage, base64url. */
  readonly distribution: string;
}

/**
 * Seals a sender chain for the account's other devices. The id is a keyed hash of all that tells chains apart, so it tells
 * others nothing, and the same chain always gets the same one; room and id are authenticated with what is sealed. So the
 * server can withhold a backup, and never put one in another's place.
 *
 * @param backupKey of `accountKeys`
 * @returns id (32 bytes) and sealed chain, base64url
 * @throws SignalError for what is no distribution message
 */
export async function sealChain(
  backupKey: Uint8Array,
  chain: ChainToBackUp,
): Promise<{ id: string; sealed: string }> {
  const id = idOf(backupKey, chain);
  const { address, distribution } = chain;
  const plaintext = JSON.stringify({ v: 1, address, distribution } satisfies BackedUpChain);
  const sealed = await sealWith(backupKey, utf8(plaintext.padEnd(paddedLength)), labelOf(chain.room, id));
  return { id, sealed: toBase64(sealed) };
}

/**
 * The chain that stands in the backup of `room` under `id`.
 *
 * @throws SealError when it was altered, made by somebody else, or belongs elsewhere
 */
export async function openChain(
  backupKey: Uint8Array,
  room: string,
  backup: { readonly id: string; readonly sealed: string },
  schema: Schema<BackedUpChain>,
): Promise<ChainToBackUp> {
  const plaintext = await openWith(backupKey, fromBase64(backup.sealed), labelOf(room, backup.id));
  try {
    const { address, distribution } = readJson(schema, plaintext);
    const chain = { room, address, distribution };
    if (idOf(backupKey, chain) === backup.id) return chain;
  } catch (cause) {
    throw new SealError({ cause });
  }
  throw new SealError();
}

const labelOf = (room: string, id: string): string => `chain backup ${room} ${id}`;

function idOf(backupKey: Uint8Array, { room, address, distribution }: ChainToBackUp): string {
  const { distributionId, chainId, iteration } = readDistribution(fromBase64(distribution));
  const name = [room, address, distributionId, chainId, iteration].join('/');
  return toBase64(concat(hmac(sha256, hkdf(sha256, backupKey, undefined, utf8(idLabel), 32), utf8(name))));
}
