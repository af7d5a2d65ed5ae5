import { Show } from 'solid-js';
import type { Arrived } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { onItsWay } from './on-its-way.ts';
import { Bar } from './transfer-bar.tsx';

export interface ArrivingProps {
  /** Who sends it. */
  name: string;
  /** How much is there; undefined once all of it is. */
  arrived: Arrived | undefined;
  /** Bytes in all. */
  size: number;
  /** Nothing has come for a while, and whether its sender is seen here. */
  stalled: 'here' | 'away' | undefined;
  /** It can be played as far as it has come, and is not being played. */
  startable: boolean;
}

/**
 * Somebody else's file on its way. It stays as tall as it is when the last of it comes: what one is about to press would move away. Who comes
 * later sees none of it.
 */
export function Arriving(props: ArrivingProps) {
  const { under, long: shown } = onItsWay(() => props.arrived);
  const sending = () => m.files_stillUploading({ name: props.name });
  const tallest = () => `${sending()}. ${m.files_playSoFar()}`;
  const playableSoFar = () => props.startable && (props.arrived?.bytes ?? 0) > 0;
  const text = () => {
    if (!props.arrived) return m.files_allThere({ name: props.name });
    if (props.stalled === 'here') return m.files_stalled({ name: props.name });
    if (props.stalled === 'away') {
      const stopped = m.files_stopped({ name: props.name });
      return playableSoFar() ? `${stopped} ${m.files_playThere()}` : stopped;
    }
    return playableSoFar() ? tallest() : sending();
  };
  return (
    <Show when={under() || shown()}>
      <div data-testid={under() ? 'still-uploading' : 'all-there'}>
        <Show when={shown()}>
          <div classList={{ invisible: !under() }}>
            <Bar
              fraction={(props.arrived?.bytes ?? 0) / Math.max(1, props.size)}
              label={m.files_cameSoFar()}
              quiet
            />
          </div>
          <p class="mt-1.5 grid pb-3 text-[0.8125rem]/4.5 text-muted *:[grid-area:1/1]">
            <span>{text()}</span>
            <span class="invisible" aria-hidden="true">
              {tallest()}
            </span>
          </p>
        </Show>
      </div>
    </Show>
  );
}
