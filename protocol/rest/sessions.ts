import * as z from 'zod/mini';
import { bytes, Cursor, DeviceId, Instant, queryInteger, Uuid } from '../scalars.ts';
import { route } from './route.ts';

/** One sign-in of the account that is still good. */
export const SessionView = z.object({
  id: Uuid,
  /** The device that speaks for its keys in this session; null for a client that has published none. */
  deviceId: z.nullable(DeviceId),
  /** What its owner calls that device, sealed under the account's vault key. */
  sealedName: z.nullable(bytes(28, 512)),
  createdAt: Instant,
  /** When its refresh token was last exchanged: to ten minutes, the life of an access token. */
  usedAt: Instant,
  /** When it ends unless it is used again. */
  expiresAt: Instant,
  /** Whether it is the one that asks. */
  current: z.boolean(),
});
export type SessionView = z.infer<typeof SessionView>;

export const listSessions = route({
  method: 'GET',
  path: '/auth/sessions',
  summary: "The account's sessions that are still good, the newest sign-in first",
  auth: true,
  query: z.strictObject({
    /** The `next` of the page before. */
    cursor: z.optional(Cursor),
    limit: z._default(queryInteger(1, 100), 50),
  }),
  status: 200,
  reply: z.object({ items: z.array(SessionView), next: z.nullable(Cursor) }),
  problems: ['session-revoked'],
});

export const revokeSession = route({
  method: 'DELETE',
  path: '/auth/sessions/:id',
  summary: 'End one of one’s sessions: its refresh token is void, and its sockets close at once',
  auth: true,
  params: z.strictObject({ id: Uuid }),
  status: 204,
  problems: ['not-found', 'session-revoked'],
});
