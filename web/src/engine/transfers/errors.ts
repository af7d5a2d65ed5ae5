import { FileError } from '../../../../crypto/file/index.ts';
import { m } from '../../language/index.ts';
import { EngineError } from '../types.ts';

export type TransferReason =
  /** By `cancel()`, `close()` or an abort signal. */
  | 'cancelled'
  /** By `stop()`: it can go on later. */
  | 'stopped'
  /** What an upload should go on with is not the file that it began with. */
  | 'other-file'
  /** The file is gone from the service. */
  | 'deleted'
  /** The file was not wrapped for this person. */
  | 'no-key'
  /** Something does not verify: key, manifest, record or object. */
  | 'damaged'
  /** The source file can't be read any more, or changed while it was sent. */
  | 'source'
  /** More than a file may hold. */
  | 'too-large'
  /** The service or storage refused for good. */
  | 'refused'
  /** There is nothing in a film that this browser can write out again. */
  | 'unsupported';

/** Failures of an upload after which another run may go on. */
export const mayGoOn: ReadonlySet<TransferReason> = new Set(['stopped', 'other-file', 'source']);

/** A transfer that failed for good; what passes by itself (a lost network) is retried and never thrown. */
export class TransferError extends EngineError {
  declare readonly reason: TransferReason;
  constructor(reason: TransferReason, options?: ErrorOptions & { message?: string }) {
    super(reason, options?.message ?? m.engine_transfer({ reason }), options);
    this.name = 'TransferError';
  }
}

/** `error` as a TransferError: cryptographic refusals are `damaged`, aborts `cancelled`, anything else `otherwise`. */
export function asTransferError(error: unknown, otherwise: TransferReason): TransferError {
  if (error instanceof TransferError) return error;
  if (error instanceof FileError) return new TransferError('damaged', { cause: error });
  if (error instanceof DOMException && error.name === 'AbortError')
    return new TransferError('cancelled', { cause: error });
  return new TransferError(otherwise, { cause: error });
}
