import { type Problem, type ProblemType, problem } from '../protocol/problem.ts';
import type { Result } from './rpc.ts';

/** The answer that carries `value`. */
export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

/** The answer that carries problem `type`, with a sentence for this occurrence. */
export const no = (type: ProblemType, detail?: string): Extract<Result<never>, { ok: false }> => ({
  ok: false,
  problem: problem(type, detail),
});

/** The HTTP answer of a refused upgrade. */
export const problemResponse = (document: Problem): Response =>
  Response.json(document, {
    status: document.status,
    headers: { 'content-type': 'application/problem+json' },
  });
