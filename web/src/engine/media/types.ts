import type { Observable } from '../observable.ts';

export type MediaState =
  /** On the way to the first picture, or more is being fetched. */
  | 'loading'
  /** There is something to play at the present place (playing or paused, as the element says). */
  | 'playing'
  /** The place has not been uploaded yet: it goes on by itself. */
  | 'waiting-for-uploader'
  | 'seeking'
  | 'ended'
  | 'error';

export interface MediaStatus {
  readonly state: MediaState;
  /** With `error`: what is wrong, as a sentence. */
  readonly message?: string;
}

/** A file playing in a media element. */
export interface MediaSession {
  readonly status: Observable<MediaStatus>;
  /** Seconds from the start that can be sought: all that has been uploaded. */
  readonly available: Observable<number>;
  /** Lets go of the element and stops fetching. The file stays open. */
  dispose(): void;
}
