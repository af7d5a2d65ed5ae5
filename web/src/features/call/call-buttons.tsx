import Phone from 'lucide-solid/icons/phone';
import Video from 'lucide-solid/icons/video';
import { Show } from 'solid-js';
import { sentence } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import type { Room } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';

/** Starts a call, where there is none; one that goes on is joined by its panel. */
export function CallButtons(props: { room: Room; onProblem: (text: string) => void }) {
  const call = useObservable(() => props.room.call.view);
  const start = (video: boolean) => {
    props.room.call.join({ audio: true, video }).catch((error) => props.onProblem(sentence(error)));
  };
  return (
    <Show when={!call().joined && call().people.length === 0}>
      <IconButton label={m.call_start()} data-testid="call" onClick={() => start(false)}>
        <Phone class="size-5" />
      </IconButton>
      <IconButton
        label={m.call_startVideo()}
        class="max-sm:hidden"
        data-testid="video-call"
        onClick={() => start(true)}
      >
        <Video class="size-5" />
      </IconButton>
    </Show>
  );
}
