/** Why a frame of a call was not let through. */
export type CallReason =
  /** Shorter than its own header, or a header that SFrame does not know. */
  | 'malformed'
  /** Made under a key that the receiver has not, or no more. */
  | 'unknown-key'
  /** Authentic, but seen before, or too old to tell. */
  | 'replayed'
  /** Does not authenticate: altered, another sender's or track's. */
  | 'tampered';

/** The only error that this folder throws for untrusted input. */
export class CallError extends Error {
  readonly reason: CallReason;
  constructor(reason: CallReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CallError';
    this.reason = reason;
  }
}
