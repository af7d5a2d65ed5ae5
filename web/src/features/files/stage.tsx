import Play from 'lucide-solid/icons/play';
import { Show } from 'solid-js';
import type { ManifestHead } from '../../../../protocol/manifest.ts';
import { formatDuration } from '../../ui/format.ts';
import { Mark } from '../../ui/mark.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { usePoster } from './poster.ts';

/** The dark stage of a film before it plays; as tall as the film will be, so that nothing moves. */
export function Stage(props: {
  width: number | undefined;
  height: number | undefined;
  poster: string | undefined;
  duration?: number | undefined;
  busy?: boolean;
  label?: string;
  /** Without, it can't be played yet. */
  onPlay?: (() => void) | undefined;
}) {
  const ratio = () =>
    props.width && props.height ? Math.min(2.4, Math.max(0.8, props.width / props.height)) : 16 / 9;
  const poster = usePoster(() => ({ poster: props.poster }) as Pick<ManifestHead, 'poster'>);
  return (
    <button
      type="button"
      class="group relative flex w-full overflow-hidden items-center justify-center bg-poster text-on-poster focus-visible:-outline-offset-4 focus-visible:outline-on-poster"
      style={{ 'aspect-ratio': String(ratio()) }}
      aria-label={props.label}
      disabled={!props.onPlay}
      data-testid={props.onPlay ? 'play' : undefined}
      onClick={() => props.onPlay?.()}
    >
      <Show when={poster()} fallback={<Mark class="absolute h-[135%] text-poster-shape" />}>
        {(url) => (
          <img
            src={url()}
            alt=""
            class="absolute inset-0 h-full w-full bg-black object-contain"
            data-testid="poster"
          />
        )}
      </Show>
      <Show when={props.busy}>
        <Spinner class="relative size-8" />
      </Show>
      <Show when={props.onPlay}>
        <span class="relative inline-flex size-16 items-center justify-center rounded-full bg-on-poster text-poster transition-transform group-hover:scale-105">
          <Play class="size-7 translate-x-0.5 fill-current" />
        </span>
      </Show>
      <Show when={props.duration}>
        {(seconds) => (
          <span class="absolute end-2.5 bottom-2.5 rounded-md bg-black/45 px-1.5 py-0.5 text-xs/4 font-semibold tabular-nums">
            {formatDuration(seconds())}
          </span>
        )}
      </Show>
    </button>
  );
}
