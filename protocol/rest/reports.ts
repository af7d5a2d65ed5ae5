import * as z from 'zod/mini';
import { bytes, Instant, integer, Uuid } from '../scalars.ts';
import { route } from './route.ts';

/** What a report is about. */
export const ReportReason = z.enum([
  'harassment',
  'violence',
  'sexual',
  'minors',
  'illegal',
  'spam',
  'other',
]);
export type ReportReason = z.infer<typeof ReportReason>;

/** Characters of what a reporter or a moderator adds in their own words. */
export const maxNote = 2_000;
export const Note = z.string().check(z.maxLength(maxNote));
/** The largest plaintext of a message (`crypto/room/padding.ts`). */
export const Revealed = bytes(2, 40_960);
export const FileKey = bytes(32);

export const report = route({
  method: 'POST',
  path: '/report',
  summary:
    'Report a message or a file with its franking evidence; the same again, or the same message again, answers the first report',
  auth: true,
  body: z.strictObject({
    id: Uuid,
    chatroomId: Uuid,
    /** Its place in the room. */
    seq: integer(1),
    envelope: Revealed,
    /** Of a file, its key: whoever decides on the report can open it. */
    fileKey: z.optional(FileKey),
    reason: ReportReason,
    note: z.optional(Note),
  }),
  status: 201,
  reply: z.object({ id: Uuid, createdAt: Instant }),
  problems: ['not-a-member', 'conflict', 'rate-limited', 'session-revoked'],
});
