import type { TrackKind } from '../../../../protocol/call.ts';

/**
 * What a transform is for: it is given with the transform itself, so no frame runs before it is known. `end` names the sender or
 * receiver that it belongs to, for counting.
 */
export type TransformOptions =
  | { readonly side: 'send'; readonly end: number; readonly track: TrackKind }
  | { readonly side: 'receive'; readonly end: number; readonly track: TrackKind; readonly peer: string };

/** What has become of the frames of one sender or receiver, since there is one. */
export interface FrameCount {
  readonly side: TransformOptions['side'];
  /** Frames that came to be sealed or opened. */
  came: number;
  /** Those that were, and went on. */
  passed: number;
  /** Those that were not, and went no further: without a key, or not authentic. */
  stopped: number;
  /** Authentic ones that had come before, and went no further: somebody replays them, or a connection brought them once more. */
  copies: number;
  /** Bytes that sealing added to those that passed. */
  added: number;
  /** What their encryption took, with waiting for it, in milliseconds. */
  spent: number;
}
export type FrameCounts = ReadonlyMap<number, Readonly<FrameCount>>;

/** From the page to the worker that encrypts a call's frames. */
export type ToFrames =
  | { readonly t: 'prepare'; readonly ask: number }
  | { readonly t: 'count'; readonly ask: number }
  | { readonly t: 'activate'; readonly epoch: number }
  | { readonly t: 'learn'; readonly peer: string; readonly epoch: number; readonly secret: Uint8Array }
  /** A peer has gone, or begun anew: none of its keys serves any more. */
  | { readonly t: 'forget'; readonly peer: string }
  /** For browsers with `createEncodedStreams` alone. */
  | {
      readonly t: 'streams';
      readonly options: TransformOptions;
      readonly readable: ReadableStream;
      readonly writable: WritableStream;
    };

export interface Prepared {
  readonly epoch: number;
  readonly secret: Uint8Array;
}

export type FromFrames =
  | { readonly t: 'answer'; readonly ask: number; readonly answer: Prepared | FrameCounts }
  /** Whether frames of a peer open by its key: said when that changes. */
  | { readonly t: 'heard'; readonly peer: string; readonly is: boolean }
  /** Frames of a peer come under a key that it hasn't told us. */
  | { readonly t: 'missing'; readonly peer: string };
