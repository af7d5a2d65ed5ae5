import type { Locale } from '../../language/index.ts';
import { type Answer, fromAnswer as outcomeOf } from '../answer.ts';
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
      readonly language: Locale;
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

/** The value, or throws what the call threw; TransferError `refused` where another try makes no sense. */
export function fromAnswer(answer: Answer): unknown {
  const signedOut = answer.kind === 'engine' && answer.reason === 'signed-out';
  if (signedOut || answer.kind === 'value' || answer.kind === 'problem' || answer.kind === 'network')
    return outcomeOf(answer);
  throw new TransferError('refused', { message: answer.message });
}
