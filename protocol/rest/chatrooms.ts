import * as z from 'zod/mini';
import { Role, SignedEntry } from '../roster.ts';
import { bytes, Cursor, Instant, integer, Millis, queryInteger, Signature, Uuid } from '../scalars.ts';
import { Accepted, Message, Outgoing } from '../socket.ts';
import { route } from './route.ts';

const params = z.strictObject({ id: Uuid });
/** The room's name, sealed under the room secret. */
const SealedName = bytes(28, 1024);
/** The room secret, sealed under the member's own vault key, for the member's other devices. */
const SealedKey = bytes(28, 256);

export const Room = z.object({
  id: Uuid,
  name: SealedName,
  ownerId: Uuid,
  createdAt: Instant,
  /** The caller's role and sealed room secret. */
  role: Role,
  sealedKey: SealedKey,
});
export type Room = z.infer<typeof Room>;

export const Member = z.object({ userId: Uuid, role: Role, joinedAt: Instant });
export type Member = z.infer<typeof Member>;

export const createRoom = route({
  method: 'POST',
  path: '/chatrooms',
  summary: 'Create a room; its first roster entry makes the caller its owner',
  auth: true,
  body: z.strictObject({ id: Uuid, name: SealedName, sealedKey: SealedKey, entry: SignedEntry }),
  status: 201,
  reply: Room,
  problems: ['bad-request', 'forbidden', 'conflict', 'rate-limited'],
});

export const listRooms = route({
  method: 'GET',
  path: '/chatrooms',
  summary: "The caller's rooms, newest membership first",
  auth: true,
  query: z.strictObject({
    /** The `next` of the page before. */
    cursor: z.optional(Cursor),
    limit: z._default(queryInteger(1, 100), 50),
  }),
  status: 200,
  reply: z.object({ items: z.array(Room), next: z.nullable(Cursor) }),
  problems: [],
});

export const getRoom = route({
  method: 'GET',
  path: '/chatrooms/:id',
  summary: 'One room',
  auth: true,
  params,
  status: 200,
  reply: Room,
  problems: ['not-a-member'],
});

export const patchRoom = route({
  method: 'PATCH',
  path: '/chatrooms/:id',
  summary: 'Rename the room, or append an invite, revocation or role change to its roster',
  auth: true,
  params,
  body: z.strictObject({ name: z.optional(SealedName), entry: z.optional(SignedEntry) }),
  status: 200,
  reply: Room,
  problems: ['not-a-member', 'forbidden', 'roster-conflict'],
});

export const deleteRoom = route({
  method: 'DELETE',
  path: '/chatrooms/:id',
  summary: 'Delete the room with everything in it (owner)',
  auth: true,
  params,
  status: 204,
  problems: ['not-a-member', 'forbidden'],
});

export const joinRoom = route({
  method: 'POST',
  path: '/chatrooms/:id/join',
  summary: 'Join by an invitation: a `joined` entry signed by the joiner and by the invite key',
  auth: true,
  params,
  body: z.strictObject({ entry: SignedEntry, sealedKey: SealedKey }),
  status: 200,
  reply: Room,
  problems: ['invite-invalid', 'roster-conflict'],
});

export const leaveRoom = route({
  method: 'POST',
  path: '/chatrooms/:id/leave',
  summary: 'Leave the room by a `left` entry',
  auth: true,
  params,
  body: z.strictObject({ entry: SignedEntry }),
  status: 204,
  problems: ['not-a-member', 'forbidden', 'roster-conflict'],
});

export const listMembers = route({
  method: 'GET',
  path: '/chatrooms/:id/members',
  summary: 'The members as the server has them, and the signed roster, which is what clients believe',
  auth: true,
  params,
  query: z.strictObject({
    /** For somebody who holds an invitation and is no member yet: the invite key and its signature (`inviteLookSigned`). */
    invite: z.optional(bytes(32)),
    proof: z.optional(Signature),
  }),
  status: 200,
  reply: z.object({ name: SealedName, members: z.array(Member), roster: z.array(SignedEntry) }),
  problems: ['not-a-member', 'invite-invalid'],
});

export const removeMember = route({
  method: 'DELETE',
  path: '/chatrooms/:id/members/:userId',
  summary: 'Remove a member by a `removed` entry',
  auth: true,
  params: z.strictObject({ id: Uuid, userId: Uuid }),
  body: z.strictObject({ entry: SignedEntry }),
  status: 204,
  problems: ['not-a-member', 'forbidden', 'roster-conflict'],
});

const seq = z.optional(queryInteger(0));
export const listMessages = route({
  method: 'GET',
  path: '/chatrooms/:id/messages',
  summary: 'A page of the log, ascending: after or before a `seq`, else the newest',
  auth: true,
  params,
  query: z.strictObject({
    after: seq,
    before: seq,
    limit: z._default(queryInteger(1, 200), 50),
  }),
  status: 200,
  /** `next`: the `after` (or `before`) of the following page; null at the end. */
  reply: z.object({ items: z.array(Message), next: z.nullable(integer(0)) }),
  problems: ['not-a-member'],
});

export const sendMessage = route({
  method: 'POST',
  path: '/chatrooms/:id/message',
  summary: 'Append an encrypted message to the log; the same id again answers the first `seq`',
  auth: true,
  params,
  body: Outgoing,
  status: 201,
  reply: Accepted,
  problems: ['not-a-member', 'rate-limited'],
});

export const getTicket = route({
  method: 'POST',
  path: '/chatrooms/:id/ticket',
  summary: "A single-use ticket that opens the room's socket within 30 s",
  auth: true,
  params,
  status: 201,
  reply: z.object({ ticket: bytes(32), expiresAt: Millis }),
  problems: ['not-a-member', 'session-revoked'],
});

export const openSocket = route({
  method: 'GET',
  path: '/chatrooms/:id/socket',
  summary: 'Upgrade to a WebSocket; the ticket stands in for the access token',
  auth: false,
  params,
  query: z.strictObject({ ticket: bytes(32) }),
  status: 200,
  problems: ['bad-request', 'ticket-invalid', 'foreign-origin'],
});
