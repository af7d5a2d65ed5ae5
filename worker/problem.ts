import type { Result } from '../durable-objects/rpc.ts';
import { type Problem, type ProblemType, problem } from '../protocol/problem.ts';

/** Thrown by handlers; answered as its problem document. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(document: Problem) {
    super(document.title);
    this.name = 'ProblemError';
    this.problem = document;
  }
}

/** Throws problem `type`; `detail` is shown to people, so nothing secret. */
export function refuse(
  type: ProblemType,
  detail?: string,
  extra?: Pick<Problem, 'errors' | 'retryAfter' | 'quota'>,
): never {
  throw new ProblemError(problem(type, detail, extra));
}

/** What a room's object answered; throws the ProblemError of a refusal. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new ProblemError(result.problem);
}
