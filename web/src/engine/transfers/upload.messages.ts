import type { Problem } from '../../../../protocol/problem.ts';
import { NetworkError, ProblemError } from '../api.ts';
import type { TransferReason } from './errors.ts';
import { TransferError } from './errors.ts';
import type { UploadApi, UploadDeps, UploadedHead, UploadJournal, UploadProgress } from './types.ts';

/** What the page tells the worker. */
export type ToWorker =
  | {
      readonly t: 'start';
      readonly file: Blob;
      readonly name: string;
      readonly deps: Omit<UploadDeps, 'api' | 'fetch' | 'journal'>;
    }
  | { readonly t: 'pause' | 'resume' | 'cancel' | 'stop' }
  | { readonly t: 'answer'; readonly call: number; readonly answer: Answer };

/** What the page does for the worker: tokens and the store stay with it. */
export type PageCall = keyof UploadApi | keyof UploadJournal;

/** What the worker tells the page. */
export type FromWorker =
  | { readonly t: 'call'; readonly call: number; readonly name: PageCall; readonly args: unknown }
  | { readonly t: 'progress'; readonly progress: UploadProgress }
  | { readonly t: 'head'; readonly head: UploadedHead }
  | { readonly t: 'done' }
  | { readonly t: 'failed'; readonly reason: TransferReason; readonly message: string };

/** A call's outcome in a form that can be posted: errors lose their class on the way. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'network' }
  | { readonly kind: 'refused'; readonly message: string };

export async function toAnswer(call: Promise<unknown>): Promise<Answer> {
  try {
    return { kind: 'value', value: await call };
  } catch (error) {
    if (error instanceof ProblemError) return { kind: 'problem', problem: error.problem };
    if (error instanceof NetworkError) return { kind: 'network' };
    return { kind: 'refused', message: error instanceof Error ? error.message : String(error) };
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
    case 'refused':
      throw new TransferError('refused', { message: answer.message });
  }
}
