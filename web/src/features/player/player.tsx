import { type JSX, onMount, Show } from 'solid-js';
import { largestCaptions } from '../../engine/media/index.ts';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { useFullScreen } from '../../ui/full-screen.ts';
import { Film } from './film.tsx';
import { actionOf } from './keys.ts';
import { useMediaSession } from './media-session.ts';
import { type Place, usePlayback } from './playback.ts';
import { Sound } from './sound.tsx';
import type { Steering } from './steering.ts';

export interface PlayerProps {
  file: OpenedFile;
  /** Who sent it; told where the film has to wait for them. */
  uploaderName: string;
  /** Nothing has come from them for a while. */
  stalled?: boolean;
  place: Place;
  /** Offered where the file can't be played. */
  onSave: () => void;
  /** Says what the film does, where others have a say too. A player keeps it. */
  steering?: Steering;
  /** What lies over the picture, also where it fills the screen. */
  over?: JSX.Element;
  /** Offered where a film can be watched with others, from its present place in seconds. */
  onTogether?: ((seconds: number) => void) | undefined;
}

/** Plays a film or a sound, also while it is being uploaded. Starts at once. */
export function Player(props: PlayerProps) {
  // A player keeps its file; the card makes another player for another file.
  const { file } = props;
  const { head } = file;
  const isSound = !head.tracks?.some(({ kind }) => kind === 'video') && !head.type.startsWith('video/');
  let container!: HTMLElement;
  let video!: HTMLVideoElement;
  const waiting = () =>
    (props.stalled ? m.player_stalled : m.player_stillUploading)({ name: props.uploaderName });
  const { playback, choices } = usePlayback(() => video, file, props.place, props.steering);
  const fullScreen = useFullScreen(
    () => container,
    () => video,
  );
  useMediaSession(head.name, props.uploaderName, playback);
  onMount(() => container.focus({ preventScroll: true }));

  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    // A focused button takes the space bar itself, the volume its arrows.
    if (target instanceof HTMLButtonElement && (event.key === ' ' || event.key === 'Enter')) return;
    if (target.dataset.volume !== undefined && event.key.startsWith('Arrow')) return;
    const action = actionOf(event, playback, choices, isSound ? () => undefined : fullScreen.toggle);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  const addCaptions = async (captions: File): Promise<boolean> =>
    captions.size <= largestCaptions && choices.addCaptions(captions.name, await captions.text());

  const face = {
    file,
    playback,
    choices,
    get waiting() {
      return waiting();
    },
    get over() {
      return props.over;
    },
    get onTogether() {
      return props.onTogether;
    },
    onSave: () => props.onSave(),
    video: (element: HTMLVideoElement) => {
      video = element;
    },
  };
  return (
    <section
      ref={container}
      tabindex="-1"
      aria-label={m.player_player({ name: head.name })}
      data-testid="player"
      data-state={playback.status().state}
      class="relative outline-none"
      onKeyDown={onKey}
    >
      <Show when={!isSound} fallback={<Sound {...face} />}>
        <Film {...face} fullScreen={fullScreen} container={() => container} onAddCaptions={addCaptions} />
      </Show>
    </section>
  );
}
