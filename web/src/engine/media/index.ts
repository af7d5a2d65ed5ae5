/** Playing encrypted files while they arrive (DESIGN section 5). */
import type { OpenedFile } from '../transfers/types.ts';
import { StreamedSession } from './session.ts';
import type { MediaSession } from './types.ts';
import { WholeSession } from './whole.ts';

export { largestCaptions } from './captions.ts';
export { Thumbnails } from './thumbnails.ts';
export type { Captions, Choice, MediaSession, MediaState, MediaStatus } from './types.ts';
export { waveformOf } from './waveform.ts';

/** Plays `file` in `media` (which loses what it had). Dispose of the session before the element is taken away. */
export const attachMedia = (media: HTMLMediaElement, file: OpenedFile): MediaSession =>
  file.head.layout === 'tracks' ? new StreamedSession(media, file) : new WholeSession(media, file);
