import { Show } from 'solid-js';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { mayInvite } from './may.ts';

/** The words at the very beginning of a room, with the next step for who is alone in it. */
export function Beginning(props: { view: RoomView; onInvite: () => void }) {
  const alone = () => props.view.members.length === 1 && !props.view.gone;
  return (
    <div class="mx-auto w-full max-w-3xl px-4 pt-14 pb-4 sm:px-6">
      <Avatar
        id={props.view.id}
        name={props.view.name}
        class="size-16 text-xl"
        square
        picture={pictureUrl(props.view.picture)}
      />
      <h2 class="mt-4 text-2xl/8 font-semibold tracking-tight text-balance wrap-anywhere">
        {props.view.name}
      </h2>
      <p class="mt-1.5 max-w-lg text-[0.9375rem]/6 text-pretty text-muted">{m.chat_startText()}</p>
      <Show when={alone() && mayInvite(props.view)}>
        <p class="mt-4 max-w-lg text-[0.9375rem]/6 text-pretty">{m.chat_startAlone()}</p>
        <Button variant="primary" class="mt-4" onClick={props.onInvite}>
          {m.chat_invitePeople()}
        </Button>
      </Show>
    </div>
  );
}
