import { type Accessor, createSignal, onCleanup, onMount } from 'solid-js';
import { attachMedia, type Choice, type MediaSession, type MediaStatus } from '../../engine/media/index.ts';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { createDucking } from './ducking.ts';
import type { Pressed, Steering } from './steering.ts';
import { keepVolume, keptVolume } from './volume.ts';

/** The part of full volume that an arrow key changes. */
const louder = 0.05;
export const rates = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

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
  readonly rate: Accessor<number>;
  toggle(): void;
  seek(seconds: number): void;
  /** Goes `seconds` on, or back. */
  jump(seconds: number): void;
  setVolume(volume: number): void;
  changeVolume(direction: 1 | -1): void;
  toggleMute(): void;
  setRate(rate: number): void;
  changeRate(direction: 1 | -1): void;
}

/** What can be chosen of a film, as signals and actions. */
export interface TrackChoices {
  readonly sounds: Accessor<readonly Choice[]>;
  readonly sound: Accessor<number | undefined>;
  /** The codec of its sound where none of it can be played here. */
  readonly silent: Accessor<string | undefined>;
  readonly captions: Accessor<readonly Choice[]>;
  readonly caption: Accessor<number | undefined>;
  /** What is said now. */
  readonly said: Accessor<readonly DocumentFragment[]>;
  chooseSound(id: number): void;
  chooseCaption(id: number | undefined): void;
  /** Shows the captions that were shown last, or the first; or none. */
  toggleCaptions(): void;
  addCaptions(name: string, text: string): boolean;
}

/** Where playing begins, and who is told where it has come to. */
export interface Place {
  readonly startAt: number;
  /** Called now and then, and at the end; undefined when there is nothing to come back to. */
  keep(seconds: number | undefined): void;
}

/**
 * Plays `file` in `media()` for as long as the component lives: from its place, at once, unless `steering` says what it does.
 */
export function usePlayback(
  media: () => HTMLMediaElement,
  file: OpenedFile,
  place: Place,
  steering?: Steering,
): { readonly playback: Playback; readonly choices: TrackChoices } {
  const [session, setSession] = createSignal<MediaSession>();
  const [playing, setPlaying] = createSignal(false);
  const [time, setTime] = createSignal(place.startAt);
  const [length, setLength] = createSignal(file.head.duration ?? 0);
  const [volume, setVolume] = createSignal(1);
  const [rate, setRate] = createSignal(1);
  /** As its person chose it; the element's is lower while somebody talks. */
  let loud = 1;
  let share = () => 1;
  const applyVolume = () => {
    media().volume = loud * share();
  };
  /** A browser's own controls change the element. */
  const hearVolume = () => {
    const { volume } = media();
    if (Math.abs(volume - loud * share()) > 1e-6) loud = Math.min(1, volume / share());
  };
  const observed = <T>(
    of: (session: MediaSession) => { get(): T; subscribe(l: (value: T) => void): () => void },
    before: T,
  ) => {
    const [value, set] = createSignal(before);
    onMount(() => {
      const source = of(session()!);
      set(() => source.get());
      onCleanup(source.subscribe((now) => set(() => now)));
    });
    return value;
  };

  const play = () => {
    // Refused where the browser wants a gesture first: the button still says "Play", which is one.
    media()
      .play()
      .catch(() => undefined);
  };

  onMount(() => {
    const element = media();
    const kept = keptVolume();
    loud = kept.volume;
    element.muted = kept.muted;
    applyVolume();
    setVolume(element.muted ? 0 : loud);
    // Others say when a film begins that is watched with them.
    element.autoplay = !steering;
    const attached = attachMedia(element, file);
    setSession(attached);
    if (place.startAt > 0 && !steering) element.currentTime = place.startAt;
    const listening = new AbortController();
    const listen = (events: readonly string[], listener: () => void) => {
      for (const event of events) element.addEventListener(event, listener, { signal: listening.signal });
    };
    listen(['play', 'pause', 'ended'], () => setPlaying(!element.paused && !element.ended));
    listen(['timeupdate', 'seeking'], () => setTime(whole(element.currentTime)));
    listen(['volumechange'], () => {
      hearVolume();
      setVolume(element.muted ? 0 : loud);
      keepVolume({ volume: loud, muted: element.muted });
    });
    if (steering) share = createDucking(steering.quieter, applyVolume);
    listen(['ratechange'], () => setRate(element.playbackRate));
    listen(['durationchange'], () => {
      if (Number.isFinite(element.duration)) setLength(whole(element.duration));
    });
    const stopKeeping = keepPlace(element, place);
    // Whoever opened the player wants to hear and see; the button says so while it waits.
    if (!steering) play();
    const detach = steering?.attach(element, () => attached.status.get());
    onCleanup(() => {
      detach?.();
      stopKeeping();
      listening.abort();
      attached.dispose();
    });
  });

  const status = observed<MediaStatus>(({ status: of }) => of, { state: 'loading' });
  const available = observed(({ available: of }) => of, 0);
  const duration = () => (length() > 0 ? length() : available());
  const pressed: Pressed = steering ?? {
    play,
    pause: () => media().pause(),
    seek: (seconds) => {
      media().currentTime = seconds;
    },
    setRate: (to) => {
      media().playbackRate = to;
    },
  };
  const seek = (seconds: number) => {
    const most = duration();
    pressed.seek(Math.max(0, most > 0 ? Math.min(seconds, most) : seconds));
  };
  const plays = steering?.playing ?? playing;
  const speed = steering?.rate ?? rate;
  const toggle = () => {
    const { ended, paused } = media();
    if (ended && steering) steering.seek(0);
    if (!ended && (steering ? steering.playing() : !paused)) pressed.pause();
    else pressed.play();
  };
  const change = (to: number) => {
    loud = Math.min(1, Math.max(0, to));
    media().muted = false;
    applyVolume();
  };
  const playback: Playback = {
    status,
    playing: plays,
    time,
    duration,
    available,
    volume,
    rate: speed,
    toggle,
    seek,
    jump: (seconds) => seek(media().currentTime + seconds),
    setVolume: change,
    changeVolume: (direction) => change(loud + direction * louder),
    toggleMute: () => {
      if (loud === 0) change(1);
      else media().muted = !media().muted;
    },
    setRate: pressed.setRate,
    changeRate: (direction) => {
      const now = speed();
      const next = direction > 0 ? rates.find((each) => each > now) : rates.findLast((each) => each < now);
      if (next !== undefined) pressed.setRate(next);
    },
  };
  const caption = observed(({ captions }) => captions.chosen, undefined);
  const captions = observed(({ captions: { choices } }) => choices, []);
  let lastCaption: number | undefined;
  const chooseCaption = (id: number | undefined) => {
    lastCaption = id ?? caption();
    session()?.captions.choose(id);
  };
  const choices: TrackChoices = {
    sounds: () => session()?.sounds ?? [],
    sound: observed(({ sound }) => sound, undefined),
    silent: () => session()?.silent,
    captions,
    caption,
    said: observed(({ captions: { shown } }) => shown, []),
    chooseSound: (id) => session()?.chooseSound(id),
    chooseCaption,
    toggleCaptions: () =>
      chooseCaption(caption() === undefined ? (lastCaption ?? captions()[0]?.id) : undefined),
    addCaptions: (name, text) => session()?.captions.add(name, text) ?? false,
  };
  return { playback, choices };
}

/** Seconds between two notes of the place; and what is too close to either end, or too short, to be come back to. */
const noteEvery = 5;
const tooEarly = 10;
const tooLate = 15;
const tooShort = 45;

/** Tells `place` where `element` is, while it plays and when it stops. Answers how to stop, which tells once more. */
function keepPlace(element: HTMLMediaElement, place: Place): () => void {
  let noted = place.startAt;
  // A jump to the place that was kept is no news.
  const note = () => {
    const { currentTime, duration } = element;
    if (currentTime === noted || !Number.isFinite(duration) || duration < tooShort) return;
    noted = currentTime;
    place.keep(currentTime < tooEarly || currentTime > duration - tooLate ? undefined : currentTime);
  };
  const often = () => {
    if (Math.abs(element.currentTime - noted) >= noteEvery) note();
  };
  const events = { timeupdate: often, pause: note, ended: note };
  for (const [event, listener] of Object.entries(events)) element.addEventListener(event, listener);
  return () => {
    for (const [event, listener] of Object.entries(events)) element.removeEventListener(event, listener);
    note();
  };
}
