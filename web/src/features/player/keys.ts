import type { Playback } from './playback.ts';

/** What a key does to a player; undefined for keys that are somebody else's. */
export function actionOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  playback: Playback,
  fullScreen: () => void,
): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  switch (event.key.toLowerCase()) {
    case ' ':
    case 'k':
      return playback.toggle;
    case 'arrowleft':
      return () => playback.jump(-1);
    case 'arrowright':
      return () => playback.jump(1);
    case 'arrowup':
      return () => playback.changeVolume(1);
    case 'arrowdown':
      return () => playback.changeVolume(-1);
    case 'home':
      return () => playback.seek(0);
    case 'f':
      return fullScreen;
    case 'm':
      return playback.toggleMute;
    default:
      return undefined;
  }
}
