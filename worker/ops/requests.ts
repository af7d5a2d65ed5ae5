import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { requestHeader } from '../../protocol/problem.ts';
import type { AppEnv } from '../env.ts';

/** Gives each request a number of its own, which its answer says too. A number that a client claims counts for nothing. */
export const numbered: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set('request', crypto.randomUUID());
  await next();
  if (c.res.status !== 101) c.header(requestHeader, c.get('request'));
};

/** The pattern of the route that took the request: what people wrote into its place is nobody's to keep. What fits none is one. */
export const routeOf = (c: Context<AppEnv>): string =>
  matchedRoutes(c).findLast((route) => route.method !== 'ALL')?.path ?? 'unmatched';

/** The request with its number, for an object to go on with. */
export function forwarded(c: Context<AppEnv>): Request {
  const request = new Request(c.req.raw);
  request.headers.set(requestHeader, c.get('request'));
  return request;
}

/** Lets `task` go on after the answer; nobody waits where there is no such place (an app called by itself). */
export function later(c: Context<AppEnv>, task: Promise<void>): void {
  try {
    c.executionCtx.waitUntil(task);
  } catch {
    void task;
  }
}
