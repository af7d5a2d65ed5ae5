import { createEffect, onCleanup } from 'solid-js';
import type { Playback } from './playback.ts';

/** Gives the film to the keys of keyboards, headsets and lock screens, for as long as the component lives. */
export function useMediaSession(title: string, artist: string, playback: Playback): void {
  const session = navigator.mediaSession;
  if (!session) return;
  const actions: [MediaSessionAction, MediaSessionActionHandler][] = [
    ['play', () => playback.playing() || playback.toggle()],
    ['pause', () => playback.playing() && playback.toggle()],
    ['seekbackward', ({ seekOffset }) => playback.jump(-(seekOffset ?? 10))],
    ['seekforward', ({ seekOffset }) => playback.jump(seekOffset ?? 10)],
    ['seekto', ({ seekTime }) => seekTime !== undefined && playback.seek(seekTime)],
  ];
  createEffect(() => {
    // Whoever begins to play last has the keys.
    if (!playback.playing()) return;
    session.metadata = new MediaMetadata({ title, artist });
    for (const [action, handler] of actions) session.setActionHandler(action, handler);
  });
  createEffect(() => {
    session.playbackState = playback.playing() ? 'playing' : 'paused';
    const [duration, position] = [playback.duration(), playback.time()];
    if (duration > 0)
      session.setPositionState({
        duration,
        position: Math.min(position, duration),
        playbackRate: playback.rate(),
      });
  });
  onCleanup(() => {
    session.metadata = null;
    session.playbackState = 'none';
    for (const [action] of actions) session.setActionHandler(action, null);
  });
}
