import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';
import { refuse } from '../problem.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether the request says where it comes from, and that it is this origin: true when it does, false when it says
 * nothing (no browser does that). Throws `foreign-origin` when it comes from anywhere else.
 */
export function fromSameOrigin(c: Context<AppEnv>): boolean {
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  if (origin !== undefined && origin !== new URL(c.req.url).origin) refuse('foreign-origin');
  if (site !== undefined && site !== 'same-origin') refuse('foreign-origin');
  return origin !== undefined || site !== undefined;
}

/** Refuses requests that change something and were made by a page of another site. */
export const refuseForeignOrigins: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (!safeMethods.has(c.req.method)) fromSameOrigin(c);
  await next();
};

/**
 * A browser always says where a socket comes from, and lets any page open one: this is all that stands between. Throws
 * `foreign-origin`.
 */
export function refuseForeignSocket(c: Context<AppEnv>): void {
  const origin = c.req.header('origin');
  if (origin !== undefined && origin !== new URL(c.req.url).origin) refuse('foreign-origin');
}
