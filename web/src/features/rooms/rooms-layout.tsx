import { useMatch } from '@solidjs/router';
import { createEffect, onCleanup, type ParentProps, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';
import { useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';
import { useWide } from '../../ui/media.ts';
import { CallKeeper } from '../call/index.ts';
import { Find } from '../find/index.ts';
import { RoomList } from './room-list.tsx';

/** The list of rooms beside the open one; on a phone one of the two. */
export function RoomsLayout(props: ParentProps) {
  const engine = useEngine();
  const rooms = useObservable(() => engine.rooms);
  const wide = useWide();
  const inRoom = useMatch(() => '/r/:room');

  // The names of rooms stay out of the title: browsers keep and sync titles.
  const plain = document.title;
  createEffect(() => {
    const unread = rooms().reduce((sum, room) => sum + (room.muted ? room.mentioned : room.unread), 0);
    document.title = unread ? `(${unread}) ${plain}` : plain;
  });
  onCleanup(() => {
    document.title = plain;
  });

  return (
    <div class="flex h-full flex-col">
      <CallKeeper />
      <Find />
      <div class="flex min-h-0 flex-1">
        <Show when={wide() || !inRoom()}>
          {/* alone on a phone's screen it is what the page is about */}
          <Dynamic
            component={wide() ? 'nav' : 'main'}
            aria-label={m.rooms_rooms()}
            class="max-md:come-in flex w-full shrink-0 flex-col bg-sunken md:w-80 md:border-e md:border-line lg:w-88"
          >
            <RoomList />
          </Dynamic>
        </Show>
        <Show when={wide() || inRoom()}>
          <main class="max-md:come-in relative min-w-0 flex-1 bg-canvas">{props.children}</main>
        </Show>
      </div>
    </div>
  );
}
