import type { Hono } from 'hono';
import { routes } from '../../protocol/rest/index.ts';
import { countIce, countSignal } from '../auth/limits.ts';
import { iceServers } from '../calls/ice.ts';
import { sfuDoor } from '../calls/sfu.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { unwrap } from '../problem.ts';

/** Registers `/webrtc`: what calls need of a server. Their media and keys pass it by, or are sealed. */
export function callRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.getIce, async ({ query, caller }, c) => {
    unwrap(await c.env.ROOMS.getByName(query.room).admits(caller.userId));
    await countIce(c, caller);
    return iceServers(c.env, query.room, caller.userId, Date.now());
  });

  endpoint(app, routes.joinSfu, async ({ body, caller }, c) => {
    unwrap(await c.env.ROOMS.getByName(body.room).admits(caller.userId));
    await countIce(c, caller);
    return sfuDoor(c.env, body.room, caller.userId, body.device, Date.now());
  });

  for (const route of [routes.sendOffer, routes.sendAnswer, routes.sendCandidate]) {
    endpoint(app, route, async ({ body, caller }, c) => {
      const { room, ...signal } = body;
      await countSignal(c, caller);
      unwrap(await c.env.ROOMS.getByName(room).signal(caller.userId, signal));
    });
  }
}
