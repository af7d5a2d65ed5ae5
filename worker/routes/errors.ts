import type { Hono } from 'hono';
import { mostFrames, placeOf } from '../../protocol/error-report.ts';
import { routes } from '../../protocol/rest/index.ts';
import { countErrorReport } from '../auth/limits.ts';
import { endpoint } from '../endpoint.ts';
import type { AppEnv } from '../env.ts';
import { log } from '../ops/logs.ts';
import { later } from '../ops/requests.ts';
import { tellSentry } from '../ops/sentry.ts';

/** Registers `POST /errors`: errors of the app itself, which reach the operator by way of us and never from a browser. */
export function errorRoutes(app: Hono<AppEnv>): void {
  endpoint(app, routes.reportError, async ({ body }, c) => {
    await countErrorReport(c);
    const { id, error, screen } = body;
    const frames = body.frames.slice(0, mostFrames);
    log(c.env, {
      level: 'error',
      event: 'app-failed',
      request: id,
      route: screen,
      error,
      stack: frames.map(placeOf),
    });
    later(c, tellSentry(c.env, { number: id, platform: 'web', error, frames, tags: { screen } }));
  });
}
