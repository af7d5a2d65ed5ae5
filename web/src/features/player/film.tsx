import VolumeX from 'lucide-solid/icons/volume-x';
import { createSignal, For, type JSX, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { formatPercent } from '../../ui/format.ts';
import type { useFullScreen } from '../../ui/full-screen.ts';
import { Spinner } from '../../ui/spinner.tsx';
import { Clock, FullScreen, PlayButton, Together, Volume } from './controls.tsx';
import { type FaceProps, Failure, Waiting } from './face.tsx';
import { usePictureInPicture } from './picture-in-picture.ts';
import { SeekBar } from './seek-bar.tsx';
import { useIdle, useTaps } from './touch.ts';
import { CaptionsMenu, SettingsMenu } from './track-menus.tsx';

interface FilmProps extends FaceProps {
  fullScreen: ReturnType<typeof useFullScreen>;
  container: () => HTMLElement;
  /** Answers whether there were subtitles in it. */
  onAddCaptions: (file: File) => Promise<boolean>;
}

/** A film on its dark stage. */
export function Film(props: FilmProps) {
  let video!: HTMLVideoElement;
  let input!: HTMLInputElement;
  const { width, height } = props.file.head;
  const ratio = width && height ? width / height : 16 / 9;
  const pictureInPicture = usePictureInPicture(() => video);
  const { idle, wake, rest } = useIdle();
  const [menuOpen, setMenuOpen] = createSignal(false);
  const [notice, setNotice] = createSignal<string>();
  const on = () => props.fullScreen.on();
  const bare = () => idle() && props.playback.playing() && !menuOpen();
  const taps = useTaps({
    jump: props.playback.jump,
    show: () => (bare() ? wake() : rest()),
  });
  const menus = {
    choices: props.choices,
    get mount() {
      return on() ? props.container() : undefined;
    },
    onOpen: setMenuOpen,
  };
  const addCaptions = async (file: File) =>
    setNotice((await props.onAddCaptions(file)) ? undefined : m.player_noCaptions({ name: file.name }));

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: moving the pointer only shows the controls, which keys reach too
    <div
      // Time runs to the right on every player, also where words run to the left.
      dir="ltr"
      class="relative overflow-hidden bg-black text-white"
      classList={{ 'h-full w-full': on(), 'cursor-none': bare() }}
      style={{ 'aspect-ratio': on() ? 'auto' : String(Math.min(2.4, Math.max(0.8, ratio))) }}
      onPointerMove={(event) => event.pointerType !== 'touch' && wake()}
      onPointerLeave={(event) => event.pointerType !== 'touch' && rest()}
      onFocusIn={wake}
      onKeyDown={wake}
      onDragOver={(event) => {
        if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
      }}
      onDrop={(event) => {
        const [file, more] = event.dataTransfer?.files ?? [];
        if (!file || more || !/\.(srt|vtt)$/i.test(file.name)) return;
        // Taken: it isn't sent to the room.
        event.preventDefault();
        void addCaptions(file);
      }}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: they are shown above the controls, by what follows */}
      <video
        ref={(element) => {
          video = element;
          props.video(element);
        }}
        class="absolute inset-0 h-full w-full touch-manipulation"
        playsinline
        preload="auto"
        onClick={(event) => {
          if ((event as unknown as PointerEvent).pointerType === 'touch') taps.tap(event);
          else props.playback.toggle();
        }}
        onDblClick={() => taps.touched() || props.fullScreen.toggle()}
      />
      <Veil {...props} jumped={taps.jumped()} />
      {props.over}
      <div
        class="pointer-events-none absolute inset-x-0 flex flex-col items-center gap-1 px-4 text-center transition-[bottom] duration-200"
        classList={{
          'bottom-4': bare(),
          'bottom-24': !bare(),
          'text-[1.75rem]/9': on(),
          'text-[1.0625rem]/6': !on(),
        }}
        data-testid="captions"
      >
        <For each={props.choices.said()}>
          {(said) => (
            <p class="rounded-md bg-black/75 px-2 py-0.5 font-medium whitespace-pre-line text-pretty">
              {said}
            </p>
          )}
        </For>
      </div>
      <div
        class="pointer-events-none absolute inset-x-0 bottom-0 bg-linear-to-t from-black/80 via-black/45 to-transparent px-1.5 pt-10 pb-1 transition-opacity duration-200 has-focus-visible:opacity-100"
        classList={{
          'opacity-0': bare(),
          '*:pointer-events-auto': !bare(),
          'px-5 pb-4': on(),
          hidden: props.playback.status().state === 'error',
        }}
        onPointerDown={wake}
      >
        <Show
          when={notice() ?? (props.choices.silent() && m.player_silent({ codec: props.choices.silent()! }))}
        >
          {(text) => (
            <p role="status" class="flex items-start gap-2 px-2.5 pb-1 text-[0.8125rem]/4.5 text-pretty">
              <Show when={!notice()}>
                <VolumeX class="size-4 shrink-0" />
              </Show>
              {text()}
            </p>
          )}
        </Show>
        <div class="px-2.5">
          <SeekBar playback={props.playback} onStage film={props.file} />
        </div>
        <div class="flex items-center">
          <PlayButton playback={props.playback} onStage />
          <Volume playback={props.playback} onStage />
          <Clock playback={props.playback} />
          <span class="flex-1" />
          <Show when={props.onTogether}>
            {(onTogether) => <Together onPress={() => onTogether()(props.playback.time())} />}
          </Show>
          <CaptionsMenu {...menus} onAdd={() => input.click()} />
          <SettingsMenu {...menus} playback={props.playback} pictureInPicture={pictureInPicture} />
          <FullScreen on={on()} onToggle={props.fullScreen.toggle} />
        </div>
      </div>
      <input
        ref={input}
        type="file"
        accept=".srt,.vtt"
        class="hidden"
        tabIndex={-1}
        aria-hidden="true"
        data-testid="captions-input"
        onChange={() => {
          const file = input.files?.[0];
          input.value = '';
          if (file) void addCaptions(file);
        }}
      />
    </div>
  );
}

/** What lies over a picture that can't go on, or has just jumped. */
function Veil(props: FaceProps & { jumped: number | undefined }) {
  const state = () => props.playback.status().state;
  const busy = () => state() === 'loading' || state() === 'seeking';
  const fetched = () => props.playback.status().fetched;
  return (
    <div class="pointer-events-none absolute inset-0 flex items-center justify-center p-4">
      <Show when={props.jumped}>
        {(seconds) => (
          <span
            class="absolute inset-y-0 flex w-1/3 items-center justify-center bg-white/10 text-lg font-semibold tabular-nums"
            classList={{ 'left-0 rounded-r-full': seconds() < 0, 'right-0 rounded-l-full': seconds() > 0 }}
            aria-hidden="true"
          >
            {seconds() < 0 ? '−' : '+'}
            {m.player_skipped({ seconds: Math.abs(seconds()) })}
          </span>
        )}
      </Show>
      <div role="status">
        <Show when={busy() && fetched() !== undefined}>
          <Pill testid="player-fetching">
            {m.player_fetching()}
            <span aria-hidden="true" class="tabular-nums">
              {' '}
              {formatPercent(fetched() ?? 0)}
            </span>
          </Pill>
        </Show>
        <Show when={busy() && fetched() === undefined}>
          <span class="appear-late block rounded-full bg-black/45 p-3">
            <Spinner class="size-7" label={m.player_loading()} />
          </span>
        </Show>
        <Show when={state() === 'waiting-for-uploader'}>
          <Pill testid="player-waiting">
            <Waiting playback={props.playback} text={props.waiting} />
          </Pill>
        </Show>
      </div>
      <div role="alert">
        <Show when={state() === 'error'}>
          <div class="pointer-events-auto max-w-84 rounded-lg bg-black/75 px-4 pt-3 pb-1">
            <Failure
              message={props.playback.status().message}
              onSave={props.onSave}
              button="border-white/50 hover:bg-white/15 focus-visible:outline-white"
            />
          </div>
        </Show>
      </div>
    </div>
  );
}

/** What is waited for, in words. */
function Pill(props: { testid: string; children: JSX.Element }) {
  return (
    <span
      class="appear-late flex items-center gap-2.5 rounded-full bg-black/65 py-2 pr-4 pl-3 text-sm/5 font-medium"
      data-testid={props.testid}
    >
      <Spinner class="size-5 shrink-0" />
      <span>{props.children}</span>
    </span>
  );
}
