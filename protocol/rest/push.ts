import * as z from 'zod/mini';
import { bytes } from '../scalars.ts';
import { route } from './route.ts';

export const getPushKey = route({
  method: 'GET',
  path: '/push',
  summary: 'The key with which a browser subscribes to be woken (RFC 8292)',
  auth: true,
  status: 200,
  reply: z.object({ publicKey: bytes(65) }),
  problems: ['not-found'],
});

export const subscribePush = route({
  method: 'POST',
  path: '/push',
  summary: "Wake this session's client, with an empty message, when something is new and it doesn't listen",
  auth: true,
  body: z.strictObject({
    /** The address that the browser got from its push service. */
    endpoint: z.url().check(z.maxLength(1024)),
  }),
  status: 204,
  problems: ['not-found', 'session-revoked'],
});

export const unsubscribePush = route({
  method: 'DELETE',
  path: '/push',
  summary: "Wake this session's client no more",
  auth: true,
  status: 204,
  problems: [],
});
