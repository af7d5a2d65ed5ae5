import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { type JSX, Show } from 'solid-js';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { formatDuration } from '../../ui/format.ts';
import type { Playback, TrackChoices } from './playback.ts';

/** What film and sound have in common. */
export interface FaceProps {
  file: OpenedFile;
  playback: Playback;
  choices: TrackChoices;
  /** What it says while more has to be uploaded. */
  waiting: string;
  onSave: () => void;
  over: JSX.Element;
  onTogether: ((seconds: number) => void) | undefined;
  video: (element: HTMLVideoElement) => void;
}

/** That a place waits for its uploader, and how much there is; only the first is read aloud, as the second changes. */
export function Waiting(props: { playback: Playback; text: string }) {
  return (
    <span class="wrap-anywhere">
      {props.text}
      <Show when={props.playback.available() > 0}>
        <span aria-hidden="true">
          ; {m.player_arrived({ time: formatDuration(props.playback.available()) })}
        </span>
      </Show>
    </span>
  );
}

/** What can't be played, and what can be done instead. */
export function Failure(props: {
  message: string | undefined;
  onSave: () => void;
  button: string;
}): JSX.Element {
  return (
    <div class="flex items-start gap-2.5 text-sm/5">
      <TriangleAlert class="mt-0.5 size-4.5 shrink-0" />
      <div class="min-w-0 flex-1">
        <p class="text-pretty">{props.message}</p>
        <button
          type="button"
          class={`my-2 inline-flex min-h-11 items-center rounded-lg border px-4 font-semibold ${props.button}`}
          data-testid="player-save"
          onClick={() => props.onSave()}
        >
          {m.player_save()}
        </button>
      </div>
    </div>
  );
}
