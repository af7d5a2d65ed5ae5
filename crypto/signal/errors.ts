/** Why the protocol refused something. */
export type SignalErrorReason =
  /** Bytes that are not what they should be: truncated, badly encoded, a field missing or of the wrong length. */
  | 'malformed'
  /** A version of the protocol that is not spoken here. */
  | 'unsupported-version'
  /** A bundle or a message offers an older handshake than the signed device list promises: somebody took the newer one away. */
  | 'downgrade'
  /** A prekey or a room message is not signed by the key that it names. */
  | 'bad-signature'
  /** A message was altered, or belongs to another session. */
  | 'bad-mac'
  /** A message that was read before, or one so old that its key is gone. */
  | 'duplicate-message'
  /** A message that skips more of its chain than is allowed. */
  | 'too-far-ahead'
  /** A handshake names a prekey that we don't have (any more). */
  | 'unknown-prekey'
  /** An ordinary message came from somebody with whom there is no session. */
  | 'no-session'
  /** The identity key is another one than that of the sessions held so far. */
  | 'untrusted-identity'
  /** A public key of small order, with which every agreement gives the same secret. */
  | 'low-order-key'
  /** A room message belongs to another sender chain. */
  | 'wrong-chain'
  /** Only the maker of a sender chain can encrypt with it. */
  | 'not-own-chain'
  /** A chain that has reached its last message number. */
  | 'chain-spent';

/** The one error that `crypto/signal` throws for what others sent; anything else is a mistake of the caller. */
export class SignalError extends Error {
  readonly reason: SignalErrorReason;
  constructor(reason: SignalErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SignalError';
    this.reason = reason;
  }
}
