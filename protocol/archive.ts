import * as z from 'zod/mini';
import { bytes, Email, Instant, Uuid } from './scalars.ts';
import { StoredMessage } from './stored.ts';

/** The first line of an archive, which is not sealed: how to get its key from a passphrase. */
export const ArchiveHeader = z.object({
  format: z.literal('stream-chat archive'),
  v: z.literal(1),
  salt: bytes(16),
});
export type ArchiveHeader = z.infer<typeof ArchiveHeader>;

/** What each further line holds, sealed: whose it is, then messages as their device kept them, room by room. */
export const ArchivePart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('account'), id: Uuid, email: Email, name: z.string(), at: Instant }),
  z.object({
    kind: z.literal('messages'),
    room: Uuid,
    roomName: z.string(),
    messages: z.array(StoredMessage),
  }),
]);
export type ArchivePart = z.infer<typeof ArchivePart>;
