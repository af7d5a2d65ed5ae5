import type { Playback, TrackChoices } from './playback.ts';

/** Seconds that an arrow goes, and that J and L do. */
const step = 5;
const stride = 10;

/** What a key does to a player; undefined for keys that are somebody else's. */
export function actionOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  playback: Playback,
  { toggleCaptions }: Pick<TrackChoices, 'toggleCaptions'>,
  fullScreen: () => void,
): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (/^\d$/.test(event.key)) return () => playback.seek((playback.duration() * Number(event.key)) / 10);
  switch (event.key.toLowerCase()) {
    case ' ':
    case 'k':
      return playback.toggle;
    case 'arrowleft':
      return () => playback.jump(-step);
    case 'arrowright':
      return () => playback.jump(step);
    case 'j':
      return () => playback.jump(-stride);
    case 'l':
      return () => playback.jump(stride);
    case 'arrowup':
      return () => playback.changeVolume(1);
    case 'arrowdown':
      return () => playback.changeVolume(-1);
    case 'home':
      return () => playback.seek(0);
    case 'end':
      return () => playback.seek(playback.available());
    case '<':
      return () => playback.changeRate(-1);
    case '>':
      return () => playback.changeRate(1);
    case 'c':
      return toggleCaptions;
    case 'f':
      return fullScreen;
    case 'm':
      return playback.toggleMute;
    default:
      return undefined;
  }
}
