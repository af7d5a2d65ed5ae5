import Check from 'lucide-solid/icons/check';
import { createMemo, Show } from 'solid-js';
import { useObservable } from '../../engine/solid/observable.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';

/**
 * The line below the messages that says who is writing, or that what was asked for is copied. It has its place also when there is nothing to
 * say, so nothing moves.
 */
export function Typing(props: { room: Room; view: RoomView; copied: boolean }) {
  const who = useObservable(() => props.room.typing);
  const names = createMemo(() =>
    who().flatMap((id) => props.view.members.find((member) => member.id === id)?.name ?? []),
  );
  return (
    <div class="mx-auto h-6 w-full max-w-3xl px-4 text-[0.8125rem]/5 text-muted sm:px-7" data-testid="typing">
      <p role="status" class="flex items-center gap-1.5 font-semibold text-accent">
        <Show when={props.copied}>
          <Check class="size-4" />
          {m.chat_copied()}
        </Show>
      </p>
      <Show when={names().length && !props.copied}>
        <p class="truncate">
          {m.chat_typing({ count: names().length, first: names()[0] ?? '', second: names()[1] ?? '' })}
        </p>
      </Show>
    </div>
  );
}
