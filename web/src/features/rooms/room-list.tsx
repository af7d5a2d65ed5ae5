import { A, useMatch } from '@solidjs/router';
import AtSign from 'lucide-solid/icons/at-sign';
import MessagesSquare from 'lucide-solid/icons/messages-square';
import Plus from 'lucide-solid/icons/plus';
import Search from 'lucide-solid/icons/search';
import { createSignal, For, Match, Show, Switch } from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { keyed, useObservable } from '../../engine/solid/observable.ts';
import type { RoomSummary } from '../../engine/types.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { now } from '../../ui/clock.ts';
import { Empty } from '../../ui/empty.tsx';
import { formatMoment } from '../../ui/format.ts';
import { openFind } from '../find/index.ts';
import { AccountMenu } from './account-menu.tsx';
import { CreateRoom } from './create-room.tsx';
import { strings } from './strings.ts';

const shortcut = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';

/** All rooms by their last activity, with the way to a new one and to the account. */
export function RoomList() {
  const engine = useEngine();
  const rooms = keyed(
    useObservable(() => engine.rooms),
    (room) => room.id,
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );
  const [creating, setCreating] = createSignal(false);

  return (
    <>
      <header class="flex items-center gap-1 pt-[max(0.75rem,env(safe-area-inset-top))] pr-2.5 pb-2 pl-5">
        <h1 class="flex-1 text-[1.375rem]/8 font-semibold tracking-tight">{strings.rooms}</h1>
        <IconButton label={strings.find(shortcut)} data-testid="open-find" onClick={() => openFind()}>
          <Search class="size-5" />
        </IconButton>
        <IconButton
          label={strings.newRoom}
          tip="left"
          data-testid="create-room"
          onClick={() => setCreating(true)}
        >
          <Plus class="size-5.5" />
        </IconButton>
      </header>
      <div class="min-h-0 flex-1 overflow-y-auto px-2.5 pb-3">
        <Show
          when={rooms().length}
          fallback={
            <Empty
              icon={<MessagesSquare class="size-9" stroke-width={1.5} />}
              title={strings.noRooms}
              text={strings.noRoomsText}
            >
              <Button variant="primary" onClick={() => setCreating(true)}>
                {strings.newRoom}
              </Button>
            </Empty>
          }
        >
          <ul class="flex flex-col gap-0.5">
            <For each={rooms()}>{(room) => <Entry room={room.value()} />}</For>
          </ul>
        </Show>
      </div>
      <footer class="border-t border-line px-2.5 pt-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
        <AccountMenu />
      </footer>
      <CreateRoom open={creating()} onClose={() => setCreating(false)} />
    </>
  );
}

function Entry(props: { room: RoomSummary }) {
  const last = () => props.room.last;
  const open = useMatch(() => `/r/${props.room.id}`);
  const draft = () => (open() ? undefined : props.room.draft);
  return (
    <li>
      <A
        href={`/r/${props.room.id}`}
        class="flex min-h-17 items-center gap-3 rounded-xl px-2.5 py-2 transition-colors focus-visible:outline-offset-0"
        activeClass="bg-accent-soft"
        inactiveClass="hover:bg-hover"
        data-testid="room"
      >
        <Avatar id={props.room.id} name={props.room.name} class="size-12 text-base" square />
        <span class="min-w-0 flex-1">
          <span class="flex items-baseline gap-2">
            <span class="min-w-0 flex-1 truncate font-semibold">{props.room.name}</span>
            <time
              class="shrink-0 text-[0.8125rem] text-muted tabular-nums"
              dateTime={new Date(last()?.at ?? props.room.activeAt).toISOString()}
            >
              {formatMoment(last()?.at ?? props.room.activeAt, now())}
            </time>
          </span>
          <span class="mt-0.5 flex items-center gap-2">
            <span
              class="min-w-0 flex-1 truncate text-[0.9375rem]/5.5"
              classList={{ 'text-muted': !props.room.unread, 'text-ink': props.room.unread > 0 }}
            >
              <Switch fallback={strings.nothingYet}>
                <Match when={draft()}>
                  {(text) => (
                    <>
                      <span class="text-accent">{strings.draft}</span> <bdi>{text()}</bdi>
                    </>
                  )}
                </Match>
                <Match when={last()}>
                  {(line) => (
                    <>
                      <bdi>{line().author}</bdi>: <bdi>{line().text}</bdi>
                    </>
                  )}
                </Match>
              </Switch>
            </span>
            <Show when={props.room.mentioned > 0}>
              <span
                class="inline-flex size-5.5 items-center justify-center rounded-full bg-accent text-on-accent"
                data-testid="mentioned"
              >
                <AtSign class="size-3.5" stroke-width={2.5} aria-hidden="true" />
                <span class="sr-only">{strings.mentioned}</span>
              </span>
            </Show>
            <Show when={props.room.unread > 0}>
              <span class="inline-flex h-5.5 min-w-5.5 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent tabular-nums">
                <span aria-hidden="true">{props.room.unread > 99 ? '99+' : props.room.unread}</span>
                <span class="sr-only">{strings.unread(props.room.unread)}</span>
              </span>
            </Show>
          </span>
        </span>
      </A>
    </li>
  );
}
