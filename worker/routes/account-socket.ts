import type { Hono } from 'hono';
import { routes } from '../../protocol/rest/index.ts';
import { requireLiveSession } from '../auth/live.ts';
import { refuseForeignSocket } from '../auth/origin.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { forwarded } from '../ops/requests.ts';
import { refuse, unwrap } from '../problem.ts';

/** Registers the socket by which an account hears which of its rooms have something new. */
export function accountSocketRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.getAccountTicket, async ({ params, caller }, c) => {
    if (params.id !== caller.userId) refuse('forbidden', 'This is not your account.');
    const ticket = unwrap(await c.env.ACCOUNTS.getByName(params.id).ticket(caller.userId, caller.sessionId));
    // Only now: a session that ends after this question finds the ticket in the object, and takes it back.
    await requireLiveSession(c, caller);
    return ticket;
  });

  endpoint(app, routes.openAccountSocket, async ({ params }, c) => {
    refuseForeignSocket(c);
    return c.env.ACCOUNTS.getByName(params.id).fetch(forwarded(c));
  });
}
