import * as z from 'zod/mini';
import { bytes, Instant, integer } from '../scalars.ts';
import { AccountExport } from './account-export.ts';
import { route } from './route.ts';

const count = integer(0);

/** What an account's deletion removed, by kind, and when. */
export const Receipt = z.object({
  /** From this moment nobody can sign in, and the email is free. */
  deletedAt: Instant,
  removed: z.object({
    sessions: count,
    devices: count,
    oneTimePreKeys: count,
    keyBackups: count,
    /** Wraps of other people's file keys to this account. */
    fileKeys: count,
    /** Files that the account had uploaded. Their last bytes leave storage with the sweep. */
    files: count,
    /** Rooms that still had the account among their members: whoever leaves them first leaves none. */
    memberships: count,
  }),
});
export type Receipt = z.infer<typeof Receipt>;

export const deleteAccount = route({
  method: 'DELETE',
  path: '/auth/me',
  summary:
    'Delete the account; what it has said in rooms stays there as ciphertext. Asked again, it answers the first receipt',
  auth: true,
  body: z.strictObject({
    /** As for signing in. */
    password: bytes(32),
  }),
  status: 200,
  reply: Receipt,
  problems: ['wrong-password', 'conflict', 'rate-limited'],
});

export const exportAccount = route({
  method: 'GET',
  path: '/auth/me/export',
  summary: 'All that the service holds of the account, as one document; streamed',
  auth: true,
  status: 200,
  reply: AccountExport,
  problems: ['session-revoked', 'rate-limited'],
});
