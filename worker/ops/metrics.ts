import type { Hono, MiddlewareHandler } from 'hono';
import { equalBytes, sha256, utf8 } from '../../protocol/bytes.ts';
import { exposition, metricsName, Tally } from '../../protocol/metrics.ts';
import type { AppEnv, Env } from '../env.ts';
import { refuse } from '../problem.ts';
import { later, routeOf } from './requests.ts';

/** How often an isolate tells what it has counted, at the most, in milliseconds. */
const pause = 10_000;

/** What this isolate has counted. */
export const tally = new Tally();

const authPaths: Readonly<Record<string, string>> = {
  '/auth/register': 'register',
  '/auth/login': 'login',
  '/auth/refresh': 'refresh',
  '/admin/step-up': 'step-up',
};

/** Counts each request: rate, errors, duration by route, and what became of attempts to sign in. */
export const measured: MiddlewareHandler<AppEnv> = async (c, next) => {
  const began = Date.now();
  await next();
  const path = routeOf(c);
  tally.count('http_requests_total', [c.req.method, path, String(c.res.status)]);
  tally.observe('http_request_duration_seconds', (Date.now() - began) / 1000, [path]);
  const problem = c.get('problem');
  if (problem) tally.count('problems_total', [problem]);
  const operation = authPaths[path];
  if (operation) tally.count('auth_outcomes_total', [operation, problem ?? 'ok']);
  later(c, tell(c.env));
};

/** Tells what was counted, now and then. Never throws: measuring must not break what is measured. */
export async function tell(env: Partial<Env> | undefined): Promise<void> {
  const metrics = env?.METRICS;
  const counts = metrics && tally.take(Date.now(), pause);
  if (!counts) return;
  await metrics
    .getByName(metricsName)
    .add(counts)
    .catch(() => tally.giveBack(counts));
}

/** Registers `/metrics`, for who has the token of METRICS_TOKEN; without one it is not there. */
export function metricsRoutes(app: Hono<AppEnv>): void {
  app.get('/metrics', async (c) => {
    const { METRICS_TOKEN: token } = c.env;
    if (!token) return refuse('not-found');
    const given = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    // Hashes first: their comparison tells nothing of how much was right.
    if (!equalBytes(await sha256(utf8(given)), await sha256(utf8(token)))) return refuse('unauthenticated');
    const samples = await c.env.METRICS.getByName(metricsName).read();
    return c.body(exposition(samples), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
}
