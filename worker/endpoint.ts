import type { Context, Hono } from 'hono';
import * as z from 'zod/mini';
import type { Route } from '../protocol/rest/index.ts';
import { authenticate } from './auth/caller.ts';
import type { AppEnv, Caller } from './env.ts';
import { refuse } from './problem.ts';

z.config(z.locales.en());

type Parsed<S> = S extends z.ZodMiniType ? z.output<S> : undefined;
type Part<R, K extends PropertyKey> = R extends { readonly [P in K]: infer S } ? Parsed<S> : undefined;

/** What a handler of route `R` gets: its checked parts, and the caller where the route wants one. */
export interface Input<R extends Route> {
  readonly params: Part<R, 'params'>;
  readonly query: Part<R, 'query'>;
  readonly body: Part<R, 'body'>;
  readonly caller: R extends { readonly auth: true } ? Caller : undefined;
}

/** What it answers: the route's reply, nothing with 204, or a response of its own (an upgrade). */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler of a 204 has nothing to return
export type Reply<R extends Route> = R extends { readonly reply: infer S } ? Parsed<S> : void;

export type Handler<R extends Route> = (input: Input<R>, c: Context<AppEnv>) => Promise<Reply<R> | Response>;

/**
 * Serves `route` on `app`. Before `handler` runs, the access token (where the route wants one), parameters, query and
 * body have been checked; what doesn't fit is answered as a problem, unknown fields included. `handler` may throw
 * ProblemError.
 */
export function endpoint<const R extends Route>(app: Hono<AppEnv>, route: R, handler: Handler<R>): void {
  const definition: Route = route;
  app.on(definition.method, definition.path, async (c) => {
    const caller = definition.auth ? await authenticate(c) : undefined;
    const parts = {
      params: definition.params && check(definition.params, c.req.param(), 'path'),
      query: check(definition.query ?? nothing, readQuery(c), 'query'),
      body: definition.body ? check(definition.body, await readBody(c), 'body') : await requireNoBody(c),
    };
    const reply: unknown = await handler({ ...parts, caller } as Input<R>, c);
    if (reply instanceof Response) return reply;
    return definition.status === 204 ? c.body(null, 204) : c.json(reply, definition.status);
  });
}

/** What an address or body has where a route takes none: unknown fields are refused there as anywhere. */
const nothing = z.strictObject({});

/** The value of `input` by `schema`; throws `invalid-body` with what is wrong and where. */
function check(schema: z.ZodMiniType, input: unknown, part: 'path' | 'query' | 'body'): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 20).flatMap(describe);
  return refuse('invalid-body', part === 'body' ? undefined : `It is in the ${part} of the address.`, {
    errors,
  });
}

function describe(issue: z.core.$ZodIssue): { pointer: string; detail: string }[] {
  if (issue.code !== 'unrecognized_keys')
    return [{ pointer: jsonPointer(issue.path), detail: issue.message }];
  return issue.keys
    .slice(0, 20)
    .map((key) => ({ pointer: jsonPointer([...issue.path, key.slice(0, 100)]), detail: 'Unknown field' }));
}

/** RFC 6901. */
const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function readQuery(c: Context<AppEnv>): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (values.length > 1) {
      refuse('invalid-body', undefined, {
        errors: [{ pointer: jsonPointer([name]), detail: 'Given twice' }],
      });
    }
    query[name] = values[0] ?? '';
  }
  return query;
}

/** Throws `invalid-body` for anything but an empty body or an empty object. */
async function requireNoBody(c: Context<AppEnv>): Promise<undefined> {
  const text = c.req.raw.body ? await c.req.text() : '';
  if (text.trim() !== '' && text.trim() !== '{}') refuse('invalid-body', 'No body is expected here.');
}

async function readBody(c: Context<AppEnv>): Promise<unknown> {
  const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') refuse('unsupported-media-type');
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    return refuse('bad-request', 'The body is not JSON.');
  }
}
