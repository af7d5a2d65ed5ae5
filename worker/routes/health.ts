import { sql } from 'drizzle-orm';
import type { Hono } from 'hono';
import * as z from 'zod/mini';
import { route } from '../../protocol/rest/route.ts';
import { openDatabase } from '../db/client.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';

/** What operators and load balancers ask. */
export const health = route({
  method: 'GET',
  path: '/healthz',
  summary: 'Whether the service and its database are up',
  auth: false,
  status: 200,
  reply: z.object({ status: z.literal('ok') }),
  problems: ['unavailable'],
});

/** Registers `/healthz`. */
export function healthRoutes(app: Hono<AppEnv>): void {
  endpoint(app, health, async (_, c) => {
    await openDatabase(c.env).execute(sql`select 1`);
    return { status: 'ok' as const };
  });
}
