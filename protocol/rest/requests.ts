import * as z from 'zod/mini';
import { bytes, Millis, Signature, Uuid } from '../scalars.ts';
import { route } from './route.ts';

const params = z.strictObject({ id: Uuid });
const request = z.strictObject({ id: Uuid, userId: Uuid });
/** Shows that the caller holds the link: its public key, and its signature (`inviteLookSigned`). */
const held = { key: bytes(32), proof: Signature };

/**
 * A link by which people ask to come into a room. Its secret is made of the room's and `nonce`, so that every member can open what
 * comes by it, and the service nothing.
 */
export const AskLink = z.strictObject({
  /** Ed25519, which checks that somebody holds the link. */
  key: bytes(32),
  nonce: bytes(16),
  expires: Millis,
  /** What who holds the link is told of the room, sealed under its secret. */
  label: bytes(28, 1024),
});
export type AskLink = z.infer<typeof AskLink>;

/** What became of a request. `let-in`: there is an invitation for its person alone. */
export const RequestState = z.enum(['none', 'waiting', 'declined', 'let-in']);
export type RequestState = z.infer<typeof RequestState>;

export const JoinRequest = z.object({
  userId: Uuid,
  /** Of the link that they asked by. */
  nonce: bytes(16),
  /** Who they are, sealed under the link's secret. */
  box: bytes(28, 1024),
  at: Millis,
});
export type JoinRequest = z.infer<typeof JoinRequest>;

export const openAsking = route({
  method: 'PUT',
  path: '/chatrooms/:id/asking',
  summary: 'Make a link by which people ask to come in, in place of an earlier one (owners and admins)',
  auth: true,
  params,
  body: AskLink,
  status: 204,
  problems: ['not-a-member', 'forbidden'],
});

export const closeAsking = route({
  method: 'DELETE',
  path: '/chatrooms/:id/asking',
  summary: 'End that link, with what still waits (owners and admins)',
  auth: true,
  params,
  status: 204,
  problems: ['not-a-member', 'forbidden'],
});

export const askToJoin = route({
  method: 'POST',
  path: '/chatrooms/:id/requests',
  summary:
    'Ask to come into a room, by such a link; asked again, it says what became of it; who was let in, and did not come, waits anew',
  auth: true,
  params,
  body: z.strictObject({ ...held, box: bytes(28, 1024) }),
  status: 201,
  reply: z.object({ state: RequestState }),
  problems: ['invite-invalid', 'conflict', 'rate-limited'],
});

export const listRequests = route({
  method: 'GET',
  path: '/chatrooms/:id/requests',
  summary: 'Who asks to come in, and by what link one can (owners and admins)',
  auth: true,
  params,
  status: 200,
  reply: z.object({ link: z.nullable(AskLink), items: z.array(JoinRequest) }),
  problems: ['not-a-member', 'forbidden'],
});

export const getRequest = route({
  method: 'GET',
  path: '/chatrooms/:id/requests/:userId',
  summary: "What became of the caller's own request; before it, what the link leads to",
  auth: true,
  params: request,
  query: z.strictObject(held),
  status: 200,
  reply: z.object({
    state: RequestState,
    label: z.nullable(bytes(28, 1024)),
    /** The secret of an invitation, sealed for the caller's identity and under the link's secret. */
    answer: z.nullable(bytes(28, 512)),
  }),
  problems: ['invite-invalid'],
});

export const answerRequest = route({
  method: 'PUT',
  path: '/chatrooms/:id/requests/:userId',
  summary:
    'Let somebody in, by an invitation for them alone, or with null decline (owners and admins); who did can say so again',
  auth: true,
  params: request,
  body: z.strictObject({ answer: z.nullable(bytes(28, 512)) }),
  status: 204,
  problems: ['not-a-member', 'forbidden', 'not-found', 'conflict'],
});
