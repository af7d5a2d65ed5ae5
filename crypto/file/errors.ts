/** Why a file, its key or its manifest was refused. */
export type FileReason =
  /** A record, or a piece of the manifest, does not authenticate: wrong key, altered, moved, doubled or swapped. */
  | 'tampered'
  /** The records stop before the last one. */
  | 'truncated'
  /** Bytes follow the last record. */
  | 'extended'
  /** The key is not the one that the file message committed to. */
  | 'wrong-key'
  /** The sealed manifest, or an object, is not the one whose hash was announced. */
  | 'wrong-hash'
  /** A wrapped key does not open: it was made for somebody else, another room or another file. */
  | 'unwrap-failed'
  /** Authentic bytes that do not fit their schema. */
  | 'malformed';

/** The only error that this folder throws for untrusted input; TypeError and RangeError mean a caller's mistake. */
export class FileError extends Error {
  readonly reason: FileReason;
  constructor(reason: FileReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FileError';
    this.reason = reason;
  }
}
