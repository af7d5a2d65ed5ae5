import type { Hono } from 'hono';
import { routes } from '../../protocol/rest/index.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv, Env } from '../env.ts';
import { refuse, unwrap } from '../problem.ts';

/** Registers what people do who ask to come into a room, and who lets them in. */
export function requestRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.openAsking, async ({ params, body, caller }, c) => {
    unwrap(await room(c.env, params.id).openAsking(caller.userId, body));
  });

  endpoint(app, routes.closeAsking, async ({ params, caller }, c) => {
    unwrap(await room(c.env, params.id).openAsking(caller.userId, null));
  });

  endpoint(app, routes.askToJoin, async ({ params, body, caller }, c) => {
    const { key: invite, proof, box } = body;
    return unwrap(await room(c.env, params.id).ask(caller.userId, { invite, proof }, box));
  });

  endpoint(app, routes.listRequests, async ({ params, caller }, c) =>
    unwrap(await room(c.env, params.id).requests(caller.userId)),
  );

  endpoint(app, routes.getRequest, async ({ params, query, caller }, c) => {
    // Others' requests are nobody's to read here, as if there were none.
    if (params.userId !== caller.userId) refuse('invite-invalid');
    const look = { invite: query.key, proof: query.proof };
    return unwrap(await room(c.env, params.id).request(caller.userId, look));
  });

  endpoint(app, routes.answerRequest, async ({ params, body, caller }, c) => {
    unwrap(await room(c.env, params.id).answer(caller.userId, params.userId, body.answer));
  });
}

const room = (env: Env, id: string) => env.ROOMS.getByName(id);
