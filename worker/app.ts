import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { framesOf, nameOf, placeOf } from '../protocol/error-report.ts';
import { instanceOf, type Problem, type ProblemType, problem, problemType } from '../protocol/problem.ts';
import { refuseForeignOrigins } from './auth/origin.ts';
import { databaseAway, databaseError } from './db/client.ts';
import type { AppEnv } from './env.ts';
import { log, logged } from './ops/logs.ts';
import { measured, metricsRoutes } from './ops/metrics.ts';
import { later, numbered, routeOf } from './ops/requests.ts';
import { tellSentry } from './ops/sentry.ts';
import { ProblemError } from './problem.ts';
import { accountRoutes } from './routes/account.ts';
import { accountSocketRoutes } from './routes/account-socket.ts';
import { registerAdmin } from './routes/admin/index.ts';
import { authRoutes } from './routes/auth.ts';
import { callRoutes } from './routes/calls.ts';
import { chatroomRoutes } from './routes/chatrooms.ts';
import { docsRoutes } from './routes/docs.ts';
import { errorRoutes } from './routes/errors.ts';
import { fileRoutes } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { keyRoutes } from './routes/keys.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { passwordRoutes } from './routes/password.ts';
import { pushRoutes } from './routes/push.ts';
import { reportRoutes } from './routes/report.ts';
import { requestRoutes } from './routes/requests.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { securityHeaders } from './security-headers.ts';
import { StorageError } from './storage/s3.ts';

/** The largest request: a file announced to a thousand members, a hundred Kyber keys. */
const maxBody = 1 << 20;

/** The REST interface: every route, and what holds for all of them. */
export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(numbered);
  app.use(logged);
  app.use(measured);
  app.use(securityHeaders);
  app.use(refuseForeignOrigins);
  app.use(bodyLimit({ maxSize: maxBody, onError: (c) => answer(c, problem('too-large')) }));
  authRoutes(app);
  sessionRoutes(app);
  passwordRoutes(app);
  passkeyRoutes(app);
  accountRoutes(app);
  accountSocketRoutes(app);
  chatroomRoutes(app);
  requestRoutes(app);
  keyRoutes(app);
  pushRoutes(app);
  fileRoutes(app);
  callRoutes(app);
  reportRoutes(app);
  errorRoutes(app);
  registerAdmin(app);
  healthRoutes(app);
  metricsRoutes(app);
  docsRoutes(app);
  app.notFound((c) => {
    const allowed = methodsAt(app, c.req.path);
    if (allowed.length === 0) return answer(c, problem('not-found'));
    c.header('allow', allowed.join(', '));
    return answer(c, problem('method-not-allowed'));
  });
  app.onError((error, c) => answer(c, problemOf(error, c)));
  return app;
}

/** Answers through the context, so that cookies which a handler has set before it refused go along. */
function answer(c: Context<AppEnv>, document: Problem): Response {
  c.set('problem', problemType(document));
  if (document.retryAfter !== undefined) c.header('retry-after', String(document.retryAfter));
  // RFC 6750 section 3.
  if (document.status === 401) c.header('www-authenticate', 'Bearer');
  c.header('content-type', 'application/problem+json');
  const instance = instanceOf(c.get('request'));
  return c.body(JSON.stringify({ ...document, instance }), document.status as 400);
}

/** Whether the database, storage or a room's object couldn't serve, so that trying again makes sense. */
const isAway = (error: unknown): boolean =>
  databaseAway(error) ||
  error instanceof StorageError ||
  (error instanceof Error && 'retryable' in error && error.retryable === true);

/** The problem to show for whatever was thrown; what nobody foresaw is logged, without its message (it may quote data). */
function problemOf(error: unknown, c: Context<AppEnv>): Problem {
  if (error instanceof ProblemError) return error.problem;
  const type: ProblemType = isAway(error) ? 'unavailable' : 'internal';
  const cause = databaseError(error);
  const frames = framesOf(error);
  const [name, number, route] = [nameOf(error), c.get('request'), routeOf(c)];
  log(c.env, {
    level: 'error',
    event: 'failed',
    request: number,
    problem: type,
    method: c.req.method,
    route,
    error: name,
    ...(cause?.code && { sqlState: cause.code }),
    ...(cause?.constraint && { constraint: cause.constraint }),
    stack: frames.map(placeOf),
  });
  // What is away is for alerts to say, not for everybody who asks meanwhile.
  if (type === 'internal') {
    const tags = { method: c.req.method, route, ...(cause?.code && { sqlState: cause.code }) };
    later(c, tellSentry(c.env, { number, platform: 'worker', error: name, frames, tags }));
  }
  return problem(type);
}

/** The methods that `path` offers under any of the routes. */
function methodsAt(app: Hono<AppEnv>, path: string): string[] {
  const steps = path.split('/');
  const matching = app.routes.filter(({ method, path: pattern }) => {
    const wanted = pattern.split('/');
    return (
      method !== 'ALL' &&
      wanted.length === steps.length &&
      wanted.every((step, i) => step === steps[i] || (step.startsWith(':') && steps[i] !== ''))
    );
  });
  return [...new Set(matching.map(({ method }) => method))];
}
