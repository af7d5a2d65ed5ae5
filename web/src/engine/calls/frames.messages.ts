import type { TrackKind } from '../../../../protocol/call.ts';

/** What a transform is for: it is given with the transform itself, so no frame runs before it is known. */
export type TransformOptions =
  | { readonly side: 'send'; readonly track: TrackKind }
  | { readonly side: 'receive'; readonly track: TrackKind; readonly peer: string };

/** From the page to the worker that encrypts a call's frames. */
export type ToFrames =
  | { readonly t: 'prepare'; readonly ask: number }
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

export type FromFrames =
  | { readonly t: 'prepared'; readonly ask: number; readonly epoch: number; readonly secret: Uint8Array }
  /** The first frame of a peer has opened by its key. */
  | { readonly t: 'heard'; readonly peer: string };
