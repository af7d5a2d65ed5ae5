import { A } from '@solidjs/router';
import ChevronLeft from 'lucide-solid/icons/chevron-left';
import UserPlus from 'lucide-solid/icons/user-plus';
import Users from 'lucide-solid/icons/users';
import { createEffect, createSignal, Match, on, onCleanup, Show, Switch } from 'solid-js';
import { useObservable } from '../../engine/solid/observable.ts';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { Room, RoomView } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton, iconButton } from '../../ui/button.tsx';
import { CallButtons } from '../call/index.ts';
import { mayInvite } from './may.ts';

export interface RoomHeaderProps {
  room: Room;
  view: RoomView;
  details: boolean;
  onDetails: () => void;
  onInvite: () => void;
  onProblem: (text: string) => void;
}

/** Milliseconds without a connection before it is worth a word. */
const worthSaying = 1500;

/** The room's name, who is in it, and quietly whether it is connected. */
export function RoomHeader(props: RoomHeaderProps) {
  const here = useObservable(() => props.room.present);
  const [away, setAway] = createSignal(false);
  createEffect(
    on(
      () => props.view.connection === 'online' || props.view.gone !== undefined,
      (fine) => {
        setAway(false);
        if (fine) return;
        const timer = setTimeout(() => setAway(true), worthSaying);
        onCleanup(() => clearTimeout(timer));
      },
    ),
  );

  return (
    <header class="flex shrink-0 items-center gap-1 border-b border-line px-2 pt-[max(0.5rem,env(safe-area-inset-top))] pb-2 md:ps-5">
      <A href="/" class={`${iconButton('none')} md:hidden`} aria-label={m.chat_back()}>
        <ChevronLeft class="size-6" />
      </A>
      <div class="relative flex min-h-12 min-w-0 flex-1 items-center gap-3 py-1 pe-2">
        <Avatar
          id={props.view.id}
          name={props.view.name}
          class="size-10 text-sm"
          square
          picture={pictureUrl(props.view.picture)}
        />
        <div class="min-w-0">
          <h1 class="truncate text-[1.0625rem]/6 font-semibold tracking-tight">
            {/* the whole corner opens the details; for the keyboard there is the button at the end */}
            <button
              type="button"
              tabindex={-1}
              class="block max-w-full truncate after:absolute after:inset-0"
              onClick={props.onDetails}
            >
              {props.view.name}
            </button>
          </h1>
          <p class="truncate text-[0.8125rem]/4.5 text-muted" aria-live="polite">
            <Switch>
              <Match when={away() && props.view.connection === 'offline'}>{m.chat_offline()}</Match>
              <Match when={away() && props.view.connection === 'connecting'}>{m.chat_connecting()}</Match>
              <Match when={props.view.gone}>{null}</Match>
              <Match when={props.view.members.length === 1}>{m.chat_onlyYou()}</Match>
              <Match when={props.view.members.length > 1}>
                {m.chat_people({ count: props.view.members.length })}
                {/* not spoken: people come and go all the time */}
                <Show when={here().length}>
                  <span aria-hidden="true" data-testid="here">
                    {m.chat_hereBesides({ others: here().length })}
                  </span>
                </Show>
              </Match>
            </Switch>
          </p>
        </div>
      </div>
      <Show when={!props.view.gone && props.view.members.length > 1}>
        <CallButtons room={props.room} onProblem={props.onProblem} />
      </Show>
      <Show when={mayInvite(props.view)}>
        {/* On a phone the name needs the place; the details begin with it too. */}
        <IconButton
          label={m.chat_invite()}
          class={props.view.members.length > 1 ? 'max-sm:hidden' : ''}
          data-testid="invite"
          onClick={props.onInvite}
        >
          <UserPlus class="size-5" />
        </IconButton>
      </Show>
      <IconButton
        label={m.chat_details()}
        tip="left"
        aria-expanded={props.details}
        class={props.details ? 'bg-accent-soft text-ink' : ''}
        data-testid="details"
        onClick={props.onDetails}
      >
        <Users class="size-5" />
      </IconButton>
    </header>
  );
}
