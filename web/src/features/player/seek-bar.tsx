import { createEffect, createSignal, Index, onCleanup, Show } from 'solid-js';
import { Thumbnails } from '../../engine/media/index.ts';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { formatDuration } from '../../ui/format.ts';
import type { Playback } from './playback.ts';

const part = (seconds: number, of: number): string =>
  `${of > 0 ? Math.min(100, Math.max(0, (seconds / of) * 100)) : 0}%`;

export interface SeekBarProps {
  playback: Playback;
  onStage: boolean;
  /** Of which small pictures are shown. */
  film?: OpenedFile;
  /** How loud a sound is over its length, each 0 to 1. */
  shape?: readonly number[] | undefined;
}

/** Where the film is, how much of it has arrived, and how to go elsewhere. */
export function SeekBar(props: SeekBarProps) {
  // While it is dragged the thumb follows the pointer; the film follows when it is let go.
  const [dragged, setDragged] = createSignal<number>();
  const [hovered, setHovered] = createSignal<number>();
  const duration = () => props.playback.duration();
  const shown = () => dragged() ?? props.playback.time();
  const bubble = () => dragged() ?? hovered();

  return (
    <div
      class="group/seek relative flex items-center"
      classList={{ 'h-6': !props.shape, 'h-11': props.shape !== undefined }}
      onPointerMove={(event) => {
        const { left, width } = event.currentTarget.getBoundingClientRect();
        if (event.pointerType === 'mouse' && width > 0)
          setHovered(Math.min(1, Math.max(0, (event.clientX - left) / width)) * duration());
      }}
      onPointerLeave={() => setHovered(undefined)}
    >
      <input
        type="range"
        class="peer absolute inset-0 z-10 m-0 h-full w-full cursor-pointer touch-none opacity-0"
        min="0"
        max={duration() || 1}
        step="any"
        value={shown()}
        aria-label={m.player_position()}
        aria-valuetext={m.player_positionText({
          at: formatDuration(shown()),
          of: formatDuration(duration()),
        })}
        data-testid="seek"
        onInput={(event) => setDragged(event.currentTarget.valueAsNumber)}
        onChange={(event) => {
          // First: letting go of the thumb puts the present time into the field.
          props.playback.seek(event.currentTarget.valueAsNumber);
          setDragged(undefined);
        }}
      />
      <Show when={props.shape} fallback={<Line {...props} shown={shown()} />}>
        {(shape) => <Shape shape={shape()} played={duration() > 0 ? shown() / duration() : 0} />}
      </Show>
      <Show when={bubble() !== undefined && duration() > 0}>
        <span
          class="pointer-events-none absolute bottom-full mb-1 flex -translate-x-1/2 flex-col items-center gap-1"
          style={{
            left: `clamp(${props.film ? '5rem' : '1.5rem'}, ${part(bubble()!, duration())}, calc(100% - ${props.film ? '5rem' : '1.5rem'}))`,
          }}
          aria-hidden="true"
        >
          <Show when={props.film}>{(film) => <Thumbnail film={film()} time={bubble()!} />}</Show>
          <span class="rounded-md bg-black/75 px-1.5 py-0.5 text-xs/4 font-semibold text-white tabular-nums">
            {formatDuration(bubble()!)}
          </span>
        </span>
      </Show>
    </div>
  );
}

function Line(props: SeekBarProps & { shown: number }) {
  const duration = () => props.playback.duration();
  return (
    <>
      <div
        class="relative h-1 w-full overflow-hidden rounded-sm transition-[height] duration-150 group-hover/seek:h-1.5 peer-focus-visible:outline-2 peer-focus-visible:outline-offset-4"
        classList={{
          'bg-white/25 peer-focus-visible:outline-white': props.onStage,
          'bg-line peer-focus-visible:outline-accent': !props.onStage,
        }}
      >
        <div
          class="absolute inset-y-0 left-0"
          classList={{ 'bg-white/35': props.onStage, 'bg-edge': !props.onStage }}
          style={{ width: part(props.playback.available(), duration()) }}
        />
        <div
          class="absolute inset-y-0 left-0"
          classList={{ 'bg-white': props.onStage, 'bg-accent': !props.onStage }}
          style={{ width: part(props.shown, duration()) }}
        />
      </div>
      <div
        class="pointer-events-none absolute size-3.5 -translate-x-1/2 scale-75 rounded-full transition-transform duration-150 group-hover/seek:scale-100"
        classList={{ 'bg-white': props.onStage, 'bg-accent': !props.onStage }}
        style={{ left: part(props.shown, duration()) }}
      />
    </>
  );
}

/** The waveform of a sound, as bars; those that have been heard are in colour. */
function Shape(props: { shape: readonly number[]; played: number }) {
  return (
    <div
      class="flex h-9 w-full items-center gap-px overflow-hidden rounded-sm peer-focus-visible:outline-2 peer-focus-visible:outline-offset-4 peer-focus-visible:outline-accent"
      data-testid="waveform"
    >
      <Index each={props.shape}>
        {(loud, i) => (
          <div
            class="min-w-0 flex-1 rounded-full"
            classList={{
              'bg-accent': (i + 0.5) / props.shape.length <= props.played,
              'bg-edge': (i + 0.5) / props.shape.length > props.played,
            }}
            style={{ height: `${Math.max(8, loud() * 100)}%` }}
          />
        )}
      </Index>
    </div>
  );
}

/** A small picture of the film at `time`, where it has arrived; the one before stays until it is there. */
function Thumbnail(props: { film: OpenedFile; time: number }) {
  let canvas!: HTMLCanvasElement;
  const [drawn, setDrawn] = createSignal(false);
  const thumbnails = Thumbnails.of(props.film);
  createEffect(() => {
    const abort = new AbortController();
    onCleanup(() => abort.abort());
    thumbnails.at(props.time, abort.signal).then(
      (picture) => {
        if (!picture || abort.signal.aborted) return;
        [canvas.width, canvas.height] = [picture.width, picture.height];
        canvas.getContext('2d')?.drawImage(picture, 0, 0);
        setDrawn(true);
      },
      // Another place, or none that can be drawn here: the time is enough.
      () => undefined,
    );
  });
  return (
    <canvas
      ref={canvas}
      class="max-h-24 w-36 rounded-md border border-white/40 bg-black object-contain"
      classList={{ hidden: !drawn() }}
      data-testid="thumbnail"
    />
  );
}
