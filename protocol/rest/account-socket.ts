import * as z from 'zod/mini';
import { bytes, Millis, Uuid } from '../scalars.ts';
import { route } from './route.ts';

const params = z.strictObject({ id: Uuid });

export const getAccountTicket = route({
  method: 'POST',
  path: '/users/:id/ticket',
  summary: "A single-use ticket that opens one's own account's socket within 30 s",
  auth: true,
  params,
  status: 201,
  reply: z.object({ ticket: bytes(32), expiresAt: Millis }),
  problems: ['forbidden', 'session-revoked'],
});

export const openAccountSocket = route({
  method: 'GET',
  path: '/users/:id/socket',
  summary:
    'Upgrade to a WebSocket that tells which rooms have something new; the ticket stands in for the access token',
  auth: false,
  params,
  query: z.strictObject({ ticket: bytes(32) }),
  status: 200,
  problems: ['bad-request', 'ticket-invalid', 'foreign-origin'],
});
