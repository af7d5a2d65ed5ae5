import { FileError, type FileReason } from '../../../crypto/file/errors.ts';
import type { Problem } from '../../../protocol/problem.ts';
import { NetworkError, ProblemError } from './api.ts';
import { EngineError } from './types.ts';

/** A call's outcome in a form that can be posted between threads: errors lose their class on the way. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'network' }
  | { readonly kind: 'engine'; readonly reason: string; readonly message: string }
  | { readonly kind: 'file'; readonly reason: FileReason; readonly message: string }
  | { readonly kind: 'other'; readonly message: string };

export async function toAnswer(call: Promise<unknown>): Promise<Answer> {
  try {
    return { kind: 'value', value: await call };
  } catch (error) {
    if (error instanceof ProblemError) return { kind: 'problem', problem: error.problem };
    if (error instanceof NetworkError) return { kind: 'network' };
    if (error instanceof EngineError) return { kind: 'engine', reason: error.reason, message: error.message };
    if (error instanceof FileError) return { kind: 'file', reason: error.reason, message: error.message };
    return { kind: 'other', message: error instanceof Error ? error.message : String(error) };
  }
}

/** The value, or throws what the call threw. */
export function fromAnswer(answer: Answer): unknown {
  switch (answer.kind) {
    case 'value':
      return answer.value;
    case 'problem':
      throw new ProblemError(answer.problem);
    case 'network':
      throw new NetworkError();
    case 'engine':
      throw new EngineError(answer.reason, answer.message);
    case 'file':
      throw new FileError(answer.reason, answer.message);
    case 'other':
      throw new Error(answer.message);
  }
}
