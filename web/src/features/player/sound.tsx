import { createResource, onCleanup, Show } from 'solid-js';
import { waveformOf } from '../../engine/media/index.ts';
import { useObservable } from '../../engine/solid/observable.ts';
import { Clock, PlayButton, Volume } from './controls.tsx';
import { type FaceProps, Failure, Waiting } from './face.tsx';
import { SeekBar } from './seek-bar.tsx';

/** A sound on its card. */
export function Sound(props: FaceProps) {
  const state = () => props.playback.status().state;
  const arrived = useObservable(() => props.file.arrived);
  const closed = new AbortController();
  onCleanup(() => closed.abort());
  // Without its shape a sound plays as well.
  const [shape] = createResource(
    () => arrived().complete,
    () => waveformOf(props.file, closed.signal).catch(() => undefined),
  );
  // Read any earlier it would hide the player until then, and so end what plays.
  const drawn = () => (shape.state === 'ready' ? shape() : undefined);
  return (
    <div class="px-2 pt-2" dir="ltr">
      {/* biome-ignore lint/a11y/useMediaCaption: what people send each other has none of its own */}
      <video ref={props.video} class="hidden" playsinline preload="auto" />
      <Show when={state() !== 'error'}>
        <div class="flex items-center gap-1">
          <PlayButton playback={props.playback} onStage={false} />
          <div class="min-w-0 flex-1">
            <SeekBar playback={props.playback} onStage={false} shape={drawn()} />
          </div>
          <Clock playback={props.playback} />
          <Volume playback={props.playback} onStage={false} />
        </div>
      </Show>
      <div role="status">
        <Show when={state() === 'waiting-for-uploader'}>
          <p class="px-3 pb-1 text-[0.8125rem]/4.5 text-muted">
            <Waiting playback={props.playback} text={props.waiting} />
          </p>
        </Show>
      </div>
      <div role="alert">
        <Show when={state() === 'error'}>
          <div class="px-2 pt-1 text-danger">
            <Failure
              message={props.playback.status().message}
              onSave={props.onSave}
              button="border-edge text-ink hover:bg-hover"
            />
          </div>
        </Show>
      </div>
    </div>
  );
}
