import Maximize from 'lucide-solid/icons/maximize';
import Minimize from 'lucide-solid/icons/minimize';
import Pause from 'lucide-solid/icons/pause';
import Play from 'lucide-solid/icons/play';
import Popcorn from 'lucide-solid/icons/popcorn';
import RotateCcw from 'lucide-solid/icons/rotate-ccw';
import Volume2 from 'lucide-solid/icons/volume-2';
import VolumeX from 'lucide-solid/icons/volume-x';
import { type JSX, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { formatDuration, formatPercent } from '../../ui/format.ts';
import type { Playback } from './playback.ts';

const control = 'inline-flex size-11 shrink-0 items-center justify-center rounded-lg transition-colors';
const onTheStage = 'text-white hover:bg-white/15 focus-visible:-outline-offset-2 focus-visible:outline-white';
/** The classes of a control on the dark stage, for menus that bring their own element. */
export const stageControl = `${control} ${onTheStage}`;

/** A control; light on the dark stage, quiet on a card. */
function Control(props: {
  label: string;
  onStage: boolean;
  onPress: () => void;
  testId?: string;
  children: JSX.Element;
}) {
  return (
    <button
      type="button"
      class={`${control} ${props.onStage ? onTheStage : 'text-ink hover:bg-hover'}`}
      aria-label={props.label}
      data-testid={props.testId}
      onClick={() => props.onPress()}
    >
      {props.children}
    </button>
  );
}

export function PlayButton(props: { playback: Playback; onStage: boolean }) {
  const ended = () => props.playback.status().state === 'ended';
  const label = () => {
    if (props.playback.playing()) return m.player_pause();
    return ended() ? m.player_again() : m.player_play();
  };
  return (
    <Control label={label()} onStage={props.onStage} onPress={props.playback.toggle} testId="player-toggle">
      <Show
        when={props.playback.playing()}
        fallback={
          <Show when={ended()} fallback={<Play class="size-5 translate-x-px fill-current" />}>
            <RotateCcw class="size-5" />
          </Show>
        }
      >
        <Pause class="size-5 fill-current stroke-1" />
      </Show>
    </Control>
  );
}

export function Clock(props: { playback: Playback }) {
  return (
    <span class="min-w-0 truncate px-1.5 text-[0.8125rem]/4.5 font-medium tabular-nums max-sm:px-0.5">
      {formatDuration(props.playback.time())}
      <span class="opacity-70"> / {formatDuration(props.playback.duration())}</span>
    </span>
  );
}

/** Sound on and off, and how loud where there is a mouse; phones have their own buttons, but for a sound that is off. */
export function Volume(props: { playback: Playback; onStage: boolean }) {
  const silent = () => props.playback.volume() === 0;
  return (
    <div class="group/volume flex items-center" classList={{ 'max-sm:hidden': props.onStage && !silent() }}>
      <Control
        label={silent() ? m.player_unmute() : m.player_mute()}
        onStage={props.onStage}
        onPress={props.playback.toggleMute}
      >
        <Show when={silent()} fallback={<Volume2 class="size-5" />}>
          <VolumeX class="size-5" />
        </Show>
      </Control>
      <div class="relative hidden h-11 w-0 items-center overflow-hidden opacity-0 transition-[width,opacity] duration-150 group-focus-within/volume:w-20 group-focus-within/volume:opacity-100 group-hover/volume:w-20 group-hover/volume:opacity-100 pointer-fine:flex">
        <input
          type="range"
          class="peer absolute inset-0 z-10 m-0 cursor-pointer opacity-0"
          min="0"
          max="1"
          step="0.05"
          value={props.playback.volume()}
          aria-label={m.player_volume()}
          aria-valuetext={formatPercent(props.playback.volume())}
          data-volume=""
          onInput={(event) => props.playback.setVolume(event.currentTarget.valueAsNumber)}
        />
        <div
          class="mx-1 h-1 w-full overflow-hidden rounded-sm peer-focus-visible:outline-2"
          classList={{
            'bg-white/25 peer-focus-visible:outline-white': props.onStage,
            'bg-line peer-focus-visible:outline-accent': !props.onStage,
          }}
        >
          <div
            class="h-full"
            classList={{ 'bg-white': props.onStage, 'bg-accent': !props.onStage }}
            style={{ width: `${props.playback.volume() * 100}%` }}
          />
        </div>
      </div>
    </div>
  );
}

export function FullScreen(props: { on: boolean; onToggle: () => void }) {
  return (
    <Control
      label={props.on ? m.player_leaveFullScreen() : m.player_fullScreen()}
      onStage
      onPress={props.onToggle}
      testId="player-full-screen"
    >
      <Show when={props.on} fallback={<Maximize class="size-5" />}>
        <Minimize class="size-5" />
      </Show>
    </Control>
  );
}

/** Has others watch it, too. */
export function Together(props: { onPress: () => void }) {
  return (
    <Control label={m.player_together()} onStage onPress={props.onPress} testId="player-together">
      <Popcorn class="size-5" />
    </Control>
  );
}
