import { createSignal, Show } from 'solid-js';
import { formatDuration } from '../../ui/format.ts';
import type { Playback } from './playback.ts';
import { strings } from './strings.ts';

const part = (seconds: number, of: number): string =>
  `${of > 0 ? Math.min(100, Math.max(0, (seconds / of) * 100)) : 0}%`;

/** Where the film is, how much of it has arrived, and how to go elsewhere. */
export function SeekBar(props: { playback: Playback; onStage: boolean }) {
  // While it is dragged the thumb follows the pointer; the film follows when it is let go.
  const [dragged, setDragged] = createSignal<number>();
  const [hovered, setHovered] = createSignal<number>();
  const duration = () => props.playback.duration();
  const shown = () => dragged() ?? props.playback.time();
  const bubble = () => dragged() ?? hovered();

  return (
    <div
      class="group/seek relative flex h-6 items-center"
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
        aria-label={strings.position}
        aria-valuetext={strings.positionText(formatDuration(shown()), formatDuration(duration()))}
        data-testid="seek"
        onInput={(event) => setDragged(event.currentTarget.valueAsNumber)}
        onChange={(event) => {
          // First: letting go of the thumb puts the present time into the field.
          props.playback.seek(event.currentTarget.valueAsNumber);
          setDragged(undefined);
        }}
      />
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
          style={{ width: part(shown(), duration()) }}
        />
      </div>
      <div
        class="pointer-events-none absolute size-3.5 -translate-x-1/2 scale-75 rounded-full transition-transform duration-150 group-hover/seek:scale-100"
        classList={{ 'bg-white': props.onStage, 'bg-accent': !props.onStage }}
        style={{ left: part(shown(), duration()) }}
      />
      <Show when={bubble() !== undefined && duration() > 0}>
        <span
          class="pointer-events-none absolute bottom-full mb-1 -translate-x-1/2 rounded-md bg-black/75 px-1.5 py-0.5 text-xs/4 font-semibold text-white tabular-nums"
          style={{ left: `clamp(1.5rem, ${part(bubble()!, duration())}, calc(100% - 1.5rem))` }}
          aria-hidden="true"
        >
          {formatDuration(bubble()!)}
        </span>
      </Show>
    </div>
  );
}
