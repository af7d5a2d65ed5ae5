import type { Hono } from 'hono';
import { routes } from '../../protocol/rest/index.ts';
import { requireLiveSession } from '../auth/live.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { unwrap } from '../problem.ts';

/** Registers `/push`: who is woken when nobody listens. The account's object keeps it, one client a session. */
export function pushRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.getPushKey, async ({ caller }, c) =>
    unwrap(await c.env.ACCOUNTS.getByName(caller.userId).pushKey()),
  );

  endpoint(app, routes.subscribePush, async ({ body, caller }, c) => {
    const account = c.env.ACCOUNTS.getByName(caller.userId);
    unwrap(await account.subscribe(caller.sessionId, body.endpoint));
    // Only now: a session that ends after this question takes its subscription along.
    await requireLiveSession(c, caller).catch(async (error: unknown) => {
      await account.unsubscribe(caller.sessionId);
      throw error;
    });
  });

  endpoint(app, routes.unsubscribePush, async ({ caller }, c) => {
    await c.env.ACCOUNTS.getByName(caller.userId).unsubscribe(caller.sessionId);
  });
}
