import type { Cue } from './cue.ts';
import { openMatroskaSubtitles } from './subtitles-matroska.ts';
import { openMp4Subtitles } from './subtitles-mp4.ts';

/** A text track of a film. */
export interface TextTrack {
  /** BCP 47 or ISO 639-2; `und` where it isn't told. */
  readonly language: string;
  readonly name?: string;
}

/** The text tracks of a film, which mediabunny does not read. */
export interface Subtitles {
  readonly tracks: readonly TextTrack[];
  /** All cues by start time, as the film is read; `track` counts in `tracks`. Ends early where the film can't be read on. */
  cues(): AsyncGenerator<Cue & { readonly track: number }>;
}

export const noSubtitles: Subtitles = { tracks: [], async *cues() {} };

/** Finds the text tracks of an MP4, QuickTime or Matroska file; none where there are none or it can't be read. */
export async function openSubtitles(source: Blob, type: string): Promise<Subtitles> {
  try {
    if (/\/(mp4|quicktime)$/.test(type)) return await openMp4Subtitles(source);
    if (/\/(webm|x-matroska)$/.test(type)) return await openMatroskaSubtitles(source);
  } catch {
    // A film without its subtitles is better than none.
  }
  return noSubtitles;
}
