import { instanceOf, type Problem, type ProblemType, problem, requestHeader } from '../protocol/problem.ts';
import { uuidPattern } from '../protocol/spelling.ts';
import type { Result } from './rpc.ts';

/** The answer that carries `value`. */
export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

/** The answer that carries problem `type`, with a sentence for this occurrence, and the request that met it. */
export const no = (
  type: ProblemType,
  detail?: string,
  request?: string,
): Extract<Result<never>, { ok: false }> => ({
  ok: false,
  problem: problem(type, detail, request === undefined ? {} : { instance: instanceOf(request) }),
});

/** The number that the Worker has given to `request`; undefined where it has none. */
export const requestOf = (request: Request): string | undefined => {
  const id = request.headers.get(requestHeader);
  return id !== null && uuidPattern.test(id) ? id : undefined;
};

/** The HTTP answer of a refused upgrade. */
export const problemResponse = (document: Problem): Response =>
  Response.json(document, {
    status: document.status,
    headers: { 'content-type': 'application/problem+json' },
  });
