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
  /** With `loading`, where the whole file has to come first: how much of it has, between 0 and 1. */
  readonly fetched?: number;
}

/** A track that can be chosen. */
export interface Choice {
  readonly id: number;
  /** As its maker called it. */
  readonly name?: string;
  /** BCP 47, or three letters of ISO 639-2. */
  readonly language?: string;
}

/** A file playing in a media element. */
export interface MediaSession {
  readonly status: Observable<MediaStatus>;
  /** Seconds from the start that can be sought: all that has been uploaded. */
  readonly available: Observable<number>;
  /** Sounds that this browser can play. */
  readonly sounds: readonly Choice[];
  readonly sound: Observable<number | undefined>;
  chooseSound(id: number): void;
  /** The codec of a film's sound, where this browser can play none of it. */
  readonly silent: string | undefined;
  readonly captions: Captions;
  /** Lets go of the element and stops fetching. The file stays open. */
  dispose(): void;
}

/** Subtitles of a film, and what of them is to be seen. */
export interface Captions {
  readonly choices: Observable<readonly Choice[]>;
  readonly chosen: Observable<number | undefined>;
  /** What is said now; safe to be put into a page. */
  readonly shown: Observable<readonly DocumentFragment[]>;
  choose(id: number | undefined): void;
  /** Adds and shows the text of an .srt or .vtt file; answers whether there was anything in it. */
  add(name: string, text: string): boolean;
}
