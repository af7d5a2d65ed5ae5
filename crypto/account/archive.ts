import { utf8 } from '../../protocol/bytes.ts';
import { hkdfSha256 } from '../signal/primitives.ts';
import { openWith, SealError, sealWith } from './seal.ts';

const keyLabel = 'Stream Chat archive key v1';
const lineLabel = 'Stream Chat archive v1';

/**
 * What stands in place of the email where a passphrase's master key is derived (`deriveMasterKey`): no email is spelled so, so that no
 * passphrase of an archive ever gives the keys of a password.
 */
export const archiveSalt = (salt: string): string => `archive ${salt}`;

/** The key of an archive (32 bytes), from the master key of its passphrase. */
export const deriveArchiveKey = (master: Uint8Array): Uint8Array<ArrayBuffer> =>
  hkdfSha256(master, undefined, utf8(keyLabel), 32);

const labelOf = (salt: string, n: number, last: boolean) =>
  `${lineLabel} ${salt} ${n} ${last ? 'last' : 'more'}`;

/**
 * Seals the parts of an archive, one after the other. Place and end are authenticated: lines can be neither moved, nor taken out, nor cut
 * off (`openLines`). After them comes one that is empty, the last.
 */
export async function* sealLines(
  key32: Uint8Array,
  salt: string,
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let n = 0;
  for await (const part of parts) yield await sealWith(key32, part, labelOf(salt, n++, false));
  yield await sealWith(key32, new Uint8Array(), labelOf(salt, n, true));
}

/**
 * Opens what `sealLines` made. A part is given before the end is seen: whoever uses them undoes that when it throws later.
 *
 * @throws SealError for another passphrase, altered bytes, or a missing end
 */
export async function* openLines(
  key32: Uint8Array,
  salt: string,
  lines: readonly Uint8Array[],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const last = lines.length - 1;
  if (last < 0) throw new SealError();
  for (let n = 0; n < last; n++) yield await openWith(key32, lines[n]!, labelOf(salt, n, false));
  await openWith(key32, lines[last]!, labelOf(salt, last, true));
}
