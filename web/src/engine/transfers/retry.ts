import { NetworkError, ProblemError } from '../api.ts';
import { EngineError } from '../types.ts';
import { TransferError } from './errors.ts';

/** Milliseconds before try `attempt` + 1: half a second, doubling up to 15 s, spread by half. */
export const backOff = (attempt: number): number =>
  Math.min(15_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);

/** Resolves after `milliseconds`; rejects with `TransferError('cancelled')` when aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new TransferError('cancelled'));
    };
    if (signal.aborted) return reject(new TransferError('cancelled'));
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Milliseconds to wait before a failed call of the service is worth repeating; undefined when it never will be. */
export function retryDelay(error: unknown, attempt: number): number | undefined {
  if (error instanceof NetworkError) return backOff(attempt);
  if (!(error instanceof ProblemError)) return undefined;
  if (error.is('rate-limited')) return Math.max(backOff(attempt), (error.problem.retryAfter ?? 0) * 1000);
  return error.problem.status >= 500 ? backOff(attempt) : undefined;
}

/** What a call of the service that can't be repeated comes to. */
export function refusal(error: unknown): TransferError {
  if (error instanceof TransferError) return error;
  // The session has ended: signing in again is no reason to send everything again.
  const signedOut =
    error instanceof ProblemError
      ? error.problem.status === 401
      : error instanceof EngineError && error.reason === 'signed-out';
  if (signedOut) return new TransferError('stopped', { cause: error });
  if (error instanceof ProblemError && error.is('not-found'))
    return new TransferError('deleted', { cause: error });
  if (error instanceof ProblemError)
    return new TransferError('refused', { cause: error, message: error.message });
  return new TransferError('refused', { cause: error });
}

/** What `call` comes to; rejects as soon as `signal` fires, whatever becomes of the call. */
function unlessAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop);
  call.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  return promise;
}

/**
 * Calls the service until it answers, for as long as what fails can pass by itself. `waiting` hears of each failed
 * try. Throws `TransferError`.
 */
export async function persist<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  waiting: () => void = () => undefined,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      signal.throwIfAborted();
      return await unlessAborted(call(), signal);
    } catch (error) {
      if (signal.aborted) throw new TransferError('cancelled');
      const delay = retryDelay(error, attempt);
      if (delay === undefined) throw refusal(error);
      waiting();
      await pause(delay, signal);
    }
  }
}
