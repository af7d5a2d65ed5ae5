import type { Hono } from 'hono';
import * as z from 'zod/mini';
import { routes } from '../../protocol/rest/index.ts';
import { Uuid } from '../../protocol/scalars.ts';
import { closeSockets, requireLiveSession } from '../auth/live.ts';
import { endSessionOf, sessionsOf } from '../auth/sessions.ts';
import { type List, readCursor, writeCursor } from '../cursor.ts';
import { openDatabase } from '../db/client.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { refuse } from '../problem.ts';

const Position = z.tuple([z.iso.datetime(), Uuid]);

/** Registers `/auth/sessions`: where an account is signed in, and how to end that from elsewhere. */
export function sessionRoutes(app: Hono<AppEnv>): void {
  // Both want a session that lives: whoever was signed out from elsewhere holds an access token for some minutes.
  endpoint(app, routes.listSessions, async ({ query, caller }, c) => {
    await requireLiveSession(c, caller);
    const list: List = ['sessions', caller.userId];
    const after =
      query.cursor === undefined ? undefined : await readCursor(c.env, list, query.cursor, Position);
    const found = await sessionsOf(openDatabase(c.env), caller.userId, after, query.limit + 1);
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    const more = found.length > page.length && last !== undefined;
    return {
      items: page.map((session) => ({
        ...session,
        createdAt: session.createdAt.toISOString(),
        usedAt: session.usedAt.toISOString(),
        expiresAt: session.expiresAt.toISOString(),
        current: session.id === caller.sessionId,
      })),
      next: more ? await writeCursor(c.env, list, [last.createdAt.toISOString(), last.id]) : null,
    };
  });

  endpoint(app, routes.revokeSession, async ({ params, caller }, c) => {
    await requireLiveSession(c, caller);
    if (!(await endSessionOf(openDatabase(c.env), caller.userId, params.id)))
      refuse('not-found', 'You have no such session.');
    await closeSockets(c, caller.userId, [params.id]);
  });
}
