import type * as z from 'zod/mini';
import { Problem, type ProblemType, problemType } from '../../../protocol/problem.ts';
import { type Route, type Routes, routes } from '../../../protocol/rest/index.ts';
import { m } from '../language/index.ts';
import { noteProblem } from './faults.ts';
import { EngineError } from './types.ts';

type Input<S> = S extends z.ZodMiniType ? z.input<S> : never;
type Part<R, K extends string> = R extends { readonly [P in K]: infer S }
  ? { readonly [P in K]: Input<S> }
  : unknown;
/** What a call of route `R` takes: `params`, `query` and `body`, as the route has them. */
export type Arguments<R extends Route> = Part<R, 'params'> & Part<R, 'query'> & Part<R, 'body'>;
/** What it answers. */
export type Reply<R extends Route> = R extends { readonly reply: infer S extends z.ZodMiniType }
  ? z.output<S>
  : undefined;

/** The service answered with a problem document. */
export class ProblemError extends EngineError {
  readonly problem: Problem;
  constructor(problem: Problem) {
    const type = problemType(problem);
    super(type, m.engine_problem({ type, detail: problem.detail ?? problem.title }));
    this.name = 'ProblemError';
    this.problem = problem;
  }
  /** Whether it is of this type. */
  is(type: ProblemType): boolean {
    return problemType(this.problem) === type;
  }
}

/** The service could not be reached, or what answered was not the service. */
export class NetworkError extends EngineError {
  constructor(cause?: unknown) {
    super('network', m.engine_network(), { cause });
    this.name = 'NetworkError';
  }
}

/** Whether the same call may well succeed later: no network, a busy service, a session that waits for its person. */
export const mayPass = (error: unknown): boolean =>
  error instanceof NetworkError ||
  (error instanceof EngineError && error.reason === 'signed-out') ||
  (error instanceof ProblemError && (error.problem.status === 401 || error.problem.status >= 429));

/** Where calls get their access token; `refused` is one that the service did not take. */
export type TokenSource = (refused?: string) => Promise<string>;

/** The longest that a call may take, in ms. Every tab waits for the lock that is held over `refresh`. */
const callWithin = 60_000;
const shorter: Partial<Record<keyof Routes, number>> = { refresh: 15_000, logout: 10_000, putBackup: 20_000 };

/** A typed client of the operations of `T`. */
export type ApiOf<T extends Readonly<Record<string, Route>>> = <N extends keyof T>(
  name: N,
  args: Arguments<T[N]>,
) => Promise<Reply<T[N]>>;

/** The typed client of the REST interface. */
export type Api = ApiOf<Routes>;

/** A client of the service at `origin`. */
export const createApi = (origin: string, tokens: TokenSource): Api => createApiOf(routes, origin, tokens);

/** A client of the operations of `table`, of the service at `origin`. */
export function createApiOf<T extends Readonly<Record<string, Route>>>(
  table: T,
  origin: string,
  tokens: TokenSource,
): ApiOf<T> {
  const request = async (
    name: keyof T,
    args: { params?: object; query?: object; body?: object },
    token?: string,
  ) => {
    const route: Route = table[name]!;
    const url = new URL(fillIn(route.path, args.params ?? {}), origin);
    for (const [key, value] of Object.entries(args.query ?? {}))
      if (value !== undefined) url.searchParams.set(key, String(value));
    const headers: Record<string, string> = {};
    if (args.body) headers['content-type'] = 'application/json';
    if (token) headers.authorization = `Bearer ${token}`;
    try {
      const init = {
        method: route.method,
        headers,
        credentials: 'same-origin',
        signal: AbortSignal.timeout(shorter[name as keyof Routes] ?? callWithin),
        ...(args.body && { body: JSON.stringify(args.body) }),
      } as const;
      return await fetch(url, init);
    } catch (error) {
      throw new NetworkError(error);
    }
  };
  const call = async (name: keyof T, args: { params?: object; query?: object; body?: object }) => {
    const route: Route = table[name]!;
    const token = route.auth ? await tokens() : undefined;
    let response = await request(name, args, token);
    if (token && response.status === 401) response = await request(name, args, await tokens(token));
    if (!response.ok) throw await failure(response);
    if (!route.reply) return undefined;
    const json = await response.json().catch((error) => Promise.reject(new NetworkError(error)));
    const reply = route.reply.safeParse(json);
    if (reply.success) return reply.data;
    throw new EngineError('bad-reply', m.engine_badReply(), { cause: reply.error });
  };
  return call as ApiOf<T>;
}

const fillIn = (path: string, params: object): string =>
  path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  );

async function failure(response: Response): Promise<EngineError> {
  const problem = Problem.safeParse(await response.json().catch(() => undefined));
  if (problem.success) noteProblem(problem.data);
  return problem.success ? new ProblemError(problem.data) : new NetworkError(`status ${response.status}`);
}
