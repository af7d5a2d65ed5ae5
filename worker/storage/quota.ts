import { firstRecord, sealedRecordSize } from '../../protocol/records.ts';
import type { Env } from '../env.ts';
import { refuse } from '../problem.ts';

const units: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const binaryUnits: Record<string, number> = { KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 };

/** The most bytes in storage of one file, of all files of a room, and of all that an account has sent. */
export interface QuotaLimits {
  readonly file: number;
  readonly room: number;
  readonly account: number;
}

/** What the operator has set. Throws Error for what is no size: no limit at all would be worse than an error. */
export const quotaLimits = (env: Pick<Env, 'QUOTA_FILE' | 'QUOTA_ROOM' | 'QUOTA_ACCOUNT'>): QuotaLimits => ({
  file: readBytes(env.QUOTA_FILE || '32 GiB'),
  room: readBytes(env.QUOTA_ROOM || '200 GiB'),
  account: readBytes(env.QUOTA_ACCOUNT || '100 GiB'),
});

/** `500 MB`, `1.5 GiB` or a number of bytes. */
export function readBytes(text: string): number {
  const [, number, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([KMGT]?i?B)?$/i.exec(text.trim()) ?? [];
  const factor = { ...units, KB: 1e3, ...binaryUnits }[unit.toUpperCase()];
  if (number === undefined || factor === undefined) throw new Error(`a quota must be a size, not "${text}"`);
  return Math.floor(Number(number) * factor);
}

/** Stored bytes of a file that ends with the farthest of these objects: all before it are full. */
export const extentOf = (objects: readonly { readonly index: number; readonly size: number }[]): number =>
  objects.reduce((most, { index, size }) => Math.max(most, firstRecord(index) * sealedRecordSize + size), 0);

const whose = { file: 'A file', room: 'All files of this room together', account: 'All that you have sent' };
const next = {
  file: 'Send it in smaller parts.',
  room: 'Delete files of this room that nobody needs, then try again.',
  account: 'Delete files that nobody needs, in any of your rooms, then try again.',
};

/** Throws `quota-exceeded`, with the numbers in words and for programs. */
export function refuseQuota(of: keyof QuotaLimits, limit: number, used: number, wanted: number): never {
  const inUse =
    of === 'file'
      ? `this one needs ${inWords(wanted)}`
      : `${inWords(used)} are in use and this file needs ${inWords(wanted)}`;
  return refuse('quota-exceeded', `${whose[of]} may take ${inWords(limit)}: ${inUse}. ${next[of]}`, {
    quota: { of, limit, used, wanted },
  });
}

/** `1.5 GB`, as the app writes sizes: powers of 1000. */
function inWords(bytes: number): string {
  const [unit, factor] = Object.entries(units).findLast(([, size]) => bytes >= size) ?? ['B', 1];
  const amount = bytes / factor;
  return `${amount >= 100 || factor === 1 ? Math.round(amount) : Math.round(amount * 10) / 10} ${unit}`;
}
