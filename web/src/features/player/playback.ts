import { type Accessor, createSignal, onCleanup, onMount } from 'solid-js';
import { attachMedia, type MediaSession, type MediaStatus } from '../../engine/media/index.ts';
import type { OpenedFile } from '../../engine/transfers/types.ts';

/** Seconds that an arrow key jumps, and the part of full volume that one changes. */
const jump = 5;
const louder = 0.05;

/** To the millisecond: ticks of the tracks make 59.999999 of 60. */
const whole = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** A media element and the file in it, as signals and actions. */
export interface Playback {
  readonly status: Accessor<MediaStatus>;
  readonly playing: Accessor<boolean>;
  /** Seconds. */
  readonly time: Accessor<number>;
  /** Seconds; what has been uploaded where the whole isn't known. */
  readonly duration: Accessor<number>;
  readonly available: Accessor<number>;
  /** 0 to 1; 0 when muted. */
  readonly volume: Accessor<number>;
  toggle(): void;
  seek(seconds: number): void;
  jump(direction: 1 | -1): void;
  setVolume(volume: number): void;
  changeVolume(direction: 1 | -1): void;
  toggleMute(): void;
}

/** Plays `file` in `media()` for as long as the component lives, from its beginning, at once. */
export function usePlayback(media: () => HTMLMediaElement, file: OpenedFile): Playback {
  const [status, setStatus] = createSignal<MediaStatus>({ state: 'loading' });
  const [playing, setPlaying] = createSignal(false);
  const [time, setTime] = createSignal(0);
  const [length, setLength] = createSignal(file.head.duration ?? 0);
  const [available, setAvailable] = createSignal(0);
  const [volume, setVolume] = createSignal(1);
  const duration = () => (length() > 0 ? length() : available());

  const play = () => {
    // Refused where the browser wants a gesture first: the button still says "Play", which is one.
    media()
      .play()
      .catch(() => undefined);
  };

  onMount(() => {
    const element = media();
    const session: MediaSession = attachMedia(element, file);
    const listening = new AbortController();
    const listen = (events: readonly string[], listener: () => void) => {
      for (const event of events) element.addEventListener(event, listener, { signal: listening.signal });
    };
    listen(['play', 'pause', 'ended'], () => setPlaying(!element.paused && !element.ended));
    listen(['timeupdate', 'seeking'], () => setTime(whole(element.currentTime)));
    listen(['volumechange'], () => setVolume(element.muted ? 0 : element.volume));
    listen(['durationchange'], () => {
      if (Number.isFinite(element.duration)) setLength(whole(element.duration));
    });
    const follow = () => setStatus(session.status.get());
    const stops = [session.status.subscribe(follow), session.available.subscribe(setAvailable)];
    follow();
    setAvailable(session.available.get());
    // Whoever opened the player wants to hear and see; the button says so while it waits.
    play();
    onCleanup(() => {
      listening.abort();
      for (const stop of stops) stop();
      session.dispose();
    });
  });

  const seek = (seconds: number) => {
    const most = duration();
    media().currentTime = Math.max(0, most > 0 ? Math.min(seconds, most) : seconds);
  };
  const change = (to: number) => {
    media().muted = false;
    media().volume = Math.min(1, Math.max(0, to));
  };
  return {
    status,
    playing,
    time,
    duration,
    available,
    volume,
    toggle: () => (media().paused || media().ended ? play() : media().pause()),
    seek,
    jump: (direction) => seek(media().currentTime + direction * jump),
    setVolume: change,
    changeVolume: (direction) => change(media().volume + direction * louder),
    toggleMute: () => {
      if (media().volume === 0) change(1);
      else media().muted = !media().muted;
    },
  };
}
