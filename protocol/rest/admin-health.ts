import * as z from 'zod/mini';
import { Instant, integer } from '../scalars.ts';
import { route } from './route.ts';

/** Routes by what they are for. */
export const routeKinds = ['accounts', 'rooms', 'files', 'keys', 'calls', 'moderation', 'other'] as const;
export const RouteKind = z.enum(routeKinds);
export type RouteKind = z.infer<typeof RouteKind>;

/**
 * What `/metrics` says, added up. Counts only grow, from the service's beginning on: who reads twice has what came between. Nobody is
 * named, and no room.
 */
export const ServiceCounts = z.object({
  at: Instant,
  /** Upper bounds of `durations`, in seconds. */
  bounds: z.array(z.number()),
  requests: z.array(
    z.object({
      kind: RouteKind,
      answered: integer(0),
      /** Those answered with 5xx. */
      failed: integer(0),
      /** How many took at most so long, a count for each bound; the ones that took longer are in `answered` alone. */
      durations: z.array(integer(0)),
    }),
  ),
  openSockets: integer(0),
  sent: integer(0),
  outbox: z.object({ depth: integer(0), age: z.number(), failures: integer(0) }),
  signedUploads: z.object({ addresses: integer(0), bytes: integer(0) }),
  attempts: z.array(z.object({ operation: z.string(), outcome: z.string(), count: integer(0) })),
});
export type ServiceCounts = z.infer<typeof ServiceCounts>;

export const getServiceCounts = route({
  method: 'GET',
  path: '/admin/health',
  summary: 'What the service has counted, added up over all of it: for charts of how it is',
  auth: true,
  status: 200,
  reply: ServiceCounts,
  problems: ['forbidden', 'step-up-required', 'session-revoked'],
});
