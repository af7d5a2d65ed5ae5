import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { Spinner } from '../../ui/spinner.tsx';
import { Clock, FullScreen, PlayButton, Volume } from './controls.tsx';
import { useFullScreen } from './full-screen.ts';
import { actionOf } from './keys.ts';
import { type Playback, usePlayback } from './playback.ts';
import { SeekBar } from './seek-bar.tsx';
import { strings } from './strings.ts';

/** Milliseconds without a movement after which the controls of a playing film go away. */
const idleAfter = 2500;

export interface PlayerProps {
  file: OpenedFile;
  /** Who sent it; told where the film has to wait for them. */
  uploaderName: string;
  /** Nothing has come from them for a while. */
  stalled?: boolean;
}

/** Plays a film or a sound, also while it is being uploaded. Starts at once. */
export function Player(props: PlayerProps) {
  // A player keeps its file; the card makes another player for another file.
  const { head } = props.file;
  const isSound = !head.tracks?.some(({ kind }) => kind === 'video') && !head.type.startsWith('video/');
  let container!: HTMLElement;
  let video!: HTMLVideoElement;
  const waiting = () => (props.stalled ? strings.stalled : strings.stillUploading)(props.uploaderName);
  const playback = usePlayback(() => video, props.file);
  const fullScreen = useFullScreen(
    () => container,
    () => video,
  );
  onMount(() => container.focus({ preventScroll: true }));

  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    // A focused button takes the space bar itself, the volume its arrows.
    if (target instanceof HTMLButtonElement && (event.key === ' ' || event.key === 'Enter')) return;
    if (target.dataset.volume !== undefined && event.key.startsWith('Arrow')) return;
    const action = actionOf(event, playback, isSound ? () => undefined : fullScreen.toggle);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };

  return (
    <section
      ref={container}
      tabindex="-1"
      aria-label={strings.player(head.name)}
      data-testid="player"
      data-state={playback.status().state}
      class="relative outline-none"
      onKeyDown={onKey}
    >
      <Show
        when={isSound}
        fallback={
          <Film
            playback={playback}
            waiting={waiting()}
            ratio={head.width && head.height ? head.width / head.height : 16 / 9}
            fullScreen={fullScreen}
            video={(element) => {
              video = element;
            }}
          />
        }
      >
        <Sound
          playback={playback}
          waiting={waiting()}
          video={(element) => {
            video = element;
          }}
        />
      </Show>
    </section>
  );
}

interface FaceProps {
  playback: Playback;
  /** What it says while more has to be uploaded. */
  waiting: string;
  video: (element: HTMLVideoElement) => void;
}

function Film(props: FaceProps & { ratio: number; fullScreen: ReturnType<typeof useFullScreen> }) {
  const { idle, wake, rest } = useIdle();
  const bare = () => idle() && props.playback.playing();
  const on = props.fullScreen.on;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: moving the pointer only shows the controls, which keys reach too
    <div
      class="relative overflow-hidden bg-black text-white"
      classList={{ 'h-full w-full': on(), 'cursor-none': bare() }}
      style={{ 'aspect-ratio': on() ? 'auto' : String(Math.min(2.4, Math.max(0.8, props.ratio))) }}
      onPointerMove={wake}
      onPointerDown={wake}
      onPointerLeave={rest}
      onFocusIn={wake}
      onKeyDown={wake}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: what people send each other has none of its own */}
      <video
        ref={props.video}
        class="absolute inset-0 h-full w-full"
        autoplay
        playsinline
        preload="auto"
        onClick={(event) => {
          // A finger that only wants to see the controls does not pause the film.
          if ((event as unknown as PointerEvent).pointerType === 'touch' && bare()) return;
          props.playback.toggle();
        }}
        onDblClick={props.fullScreen.toggle}
      />
      <Veil playback={props.playback} waiting={props.waiting} />
      <div
        class="absolute inset-x-0 bottom-0 bg-linear-to-t from-black/80 via-black/45 to-transparent px-2 pt-10 pb-1 transition-opacity duration-200 has-focus-visible:opacity-100"
        classList={{
          'opacity-0 pointer-events-none': bare(),
          'px-5 pb-4': on(),
          hidden: props.playback.status().state === 'error',
        }}
      >
        <div class="px-2.5">
          <SeekBar playback={props.playback} onStage />
        </div>
        <div class="flex items-center">
          <PlayButton playback={props.playback} onStage />
          <Volume playback={props.playback} onStage />
          <Clock playback={props.playback} />
          <span class="flex-1" />
          <FullScreen on={on()} onToggle={props.fullScreen.toggle} />
        </div>
      </div>
    </div>
  );
}

/** What lies over a picture that can't go on. */
function Veil(props: { playback: Playback; waiting: string }) {
  const state = () => props.playback.status().state;
  const busy = () => state() === 'loading' || state() === 'seeking';
  return (
    <div class="pointer-events-none absolute inset-0 flex items-center justify-center p-4">
      <Show when={busy()}>
        <span class="appear-late rounded-full bg-black/45 p-3">
          <Spinner class="size-7" label={strings.loading} />
        </span>
      </Show>
      <div role="status">
        <Show when={state() === 'waiting-for-uploader'}>
          <span
            class="appear-late flex items-center gap-2.5 rounded-full bg-black/65 py-2 pr-4 pl-3 text-sm/5 font-medium"
            data-testid="player-waiting"
          >
            <Spinner class="size-5 shrink-0" />
            <span class="wrap-anywhere">{props.waiting}</span>
          </span>
        </Show>
      </div>
      <div role="alert">
        <Show when={state() === 'error'}>
          <span class="flex max-w-80 items-start gap-2.5 rounded-lg bg-black/75 px-4 py-3 text-sm/5 text-pretty">
            <TriangleAlert class="mt-0.5 size-4.5 shrink-0" />
            {props.playback.status().message}
          </span>
        </Show>
      </div>
    </div>
  );
}

function Sound(props: FaceProps) {
  const state = () => props.playback.status().state;
  return (
    <div class="px-2 pt-2">
      {/* biome-ignore lint/a11y/useMediaCaption: what people send each other has none of its own */}
      <video ref={props.video} class="hidden" autoplay playsinline preload="auto" />
      <div class="flex items-center gap-1">
        <PlayButton playback={props.playback} onStage={false} />
        <div class="min-w-0 flex-1">
          <SeekBar playback={props.playback} onStage={false} />
        </div>
        <Clock playback={props.playback} />
        <Volume playback={props.playback} onStage={false} />
      </div>
      <div role="status">
        <Show when={state() === 'waiting-for-uploader'}>
          <p class="px-3 pb-1 text-[0.8125rem]/4.5 text-muted">{props.waiting}</p>
        </Show>
      </div>
      <div role="alert">
        <Show when={state() === 'error'}>
          <p class="px-3 pb-1 text-[0.8125rem]/4.5 text-danger">{props.playback.status().message}</p>
        </Show>
      </div>
    </div>
  );
}

/** Whether nobody has moved for a while. */
function useIdle() {
  const [idle, setIdle] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wake = () => {
    setIdle(false);
    clearTimeout(timer);
    timer = setTimeout(() => setIdle(true), idleAfter);
  };
  const rest = () => {
    clearTimeout(timer);
    setIdle(true);
  };
  createEffect(wake);
  onCleanup(() => clearTimeout(timer));
  return { idle, wake, rest };
}
