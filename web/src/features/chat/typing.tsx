import { createMemo, Show } from 'solid-js';
import { useObservable } from '../../engine/solid/observable.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';

/** The line below the messages that says who is writing. It has its place also when nobody is, so nothing moves. */
export function Typing(props: { room: Room; view: RoomView }) {
  const who = useObservable(() => props.room.typing);
  const names = createMemo(() =>
    who().flatMap((id) => props.view.members.find((member) => member.id === id)?.name ?? []),
  );
  return (
    <div class="mx-auto h-6 w-full max-w-3xl px-4 text-[0.8125rem]/5 text-muted sm:px-7" data-testid="typing">
      <Show when={names().length}>
        <p class="truncate">
          {m.chat_typing({ count: names().length, first: names()[0] ?? '', second: names()[1] ?? '' })}
        </p>
      </Show>
    </div>
  );
}
