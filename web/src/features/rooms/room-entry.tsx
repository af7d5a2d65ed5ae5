import { A, useMatch } from '@solidjs/router';
import Archive from 'lucide-solid/icons/archive';
import ArchiveRestore from 'lucide-solid/icons/archive-restore';
import AtSign from 'lucide-solid/icons/at-sign';
import Bell from 'lucide-solid/icons/bell';
import BellOff from 'lucide-solid/icons/bell-off';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import Pin from 'lucide-solid/icons/pin';
import PinOff from 'lucide-solid/icons/pin-off';
import { createSignal, Match, Show, Switch } from 'solid-js';
import { inBackground } from '../../engine/background.ts';
import { useEngine } from '../../engine/solid/context.tsx';
import { pictureUrl } from '../../engine/solid/picture.ts';
import type { Placing, RoomSummary } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { iconButton } from '../../ui/button.tsx';
import { now } from '../../ui/clock.ts';
import { formatMoment } from '../../ui/format.ts';
import { longPress } from '../../ui/long-press.ts';
import { Menu, MenuItem } from '../../ui/menu.tsx';

/** A room in the list: its name, what was said last, what is new, and how it is placed. */
export function RoomEntry(props: { room: RoomSummary }) {
  const last = () => props.room.last;
  const open = useMatch(() => `/r/${props.room.id}`);
  const draft = () => (open() ? undefined : props.room.draft);
  const [acting, setActing] = createSignal(false);
  const press = longPress(() => setActing(true));
  return (
    <li class="group/room relative" {...press}>
      <A
        href={`/r/${props.room.id}`}
        class="flex min-h-17 items-center gap-3 rounded-xl px-2.5 py-2 transition-colors focus-visible:outline-offset-0"
        activeClass="bg-accent-soft"
        inactiveClass="hover:bg-hover"
        data-testid="room"
      >
        <Avatar
          id={props.room.id}
          name={props.room.name}
          class="size-12 text-base"
          square
          picture={pictureUrl(props.room.picture)}
        />
        <span class="min-w-0 flex-1">
          <span class="flex items-baseline gap-2">
            <span class="flex min-w-0 flex-1 items-center gap-1.5">
              <span class="truncate font-semibold">{props.room.name}</span>
              <Show when={props.room.placing === 'top'}>
                <Pin class="size-3.5 shrink-0 text-muted" role="img" aria-label={m.rooms_atTop()} />
              </Show>
              <Show when={props.room.muted}>
                <BellOff class="size-3.5 shrink-0 text-muted" role="img" aria-label={m.rooms_muted()} />
              </Show>
            </span>
            <time
              class="shrink-0 text-[0.8125rem] text-muted tabular-nums pointer-fine:group-hover/room:opacity-0 group-has-[button:focus-visible]/room:opacity-0 group-has-[button[aria-expanded=true]]/room:opacity-0"
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
              <Switch fallback={m.rooms_nothingYet()}>
                <Match when={draft()}>
                  {(text) => (
                    <>
                      <span class="text-accent">{m.rooms_draft()}</span> <bdi>{text()}</bdi>
                    </>
                  )}
                </Match>
                <Match when={last()}>
                  {(line) => (
                    <>
                      <bdi class="inline-block max-w-1/2 truncate align-bottom">{line().author}</bdi>:{' '}
                      <bdi>{line().text}</bdi>
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
                <span class="sr-only">{m.rooms_mentioned()}</span>
              </span>
            </Show>
            <Show when={props.room.unread > 0}>
              <span
                class="inline-flex h-5.5 min-w-5.5 items-center justify-center rounded-full px-1.5 text-xs font-semibold tabular-nums"
                classList={{
                  'bg-accent text-on-accent': !props.room.muted,
                  'bg-line text-ink': props.room.muted,
                }}
              >
                <span aria-hidden="true">{props.room.unread > 99 ? '99+' : props.room.unread}</span>
                <span class="sr-only">{m.rooms_unread({ count: props.room.unread })}</span>
              </span>
            </Show>
          </span>
        </span>
      </A>
      <RoomActions room={props.room} open={acting()} onOpen={setActing} />
    </li>
  );
}

/** Its menu: beside the pointer or the focus, and by a long press. */
function RoomActions(props: { room: RoomSummary; open: boolean; onOpen: (open: boolean) => void }) {
  const engine = useEngine();
  const arrange = (change: { placing?: Placing; muted?: boolean }) =>
    inBackground(engine.room(props.room.id).arrange(change), 'arranging the list of rooms');
  return (
    <Menu
      label={m.rooms_roomActions({ name: props.room.name })}
      trigger={<Ellipsis class="size-4.5" />}
      class={`${iconButton('none')} absolute! top-2 end-2 size-9! rounded-full bg-raised opacity-0 shadow-float focus-visible:opacity-100 group-hover/room:opacity-100 aria-expanded:opacity-100 pointer-coarse:pointer-events-none`}
      open={props.open}
      onOpen={props.onOpen}
    >
      <Show
        when={props.room.placing === 'top'}
        fallback={
          <MenuItem icon={<Pin class="size-4.5" />} onSelect={() => arrange({ placing: 'top' })}>
            {m.rooms_toTop()}
          </MenuItem>
        }
      >
        <MenuItem icon={<PinOff class="size-4.5" />} onSelect={() => arrange({ placing: 'list' })}>
          {m.rooms_fromTop()}
        </MenuItem>
      </Show>
      <Show
        when={props.room.muted}
        fallback={
          <MenuItem icon={<BellOff class="size-4.5" />} onSelect={() => arrange({ muted: true })}>
            {m.rooms_mute()}
          </MenuItem>
        }
      >
        <MenuItem icon={<Bell class="size-4.5" />} onSelect={() => arrange({ muted: false })}>
          {m.rooms_unmute()}
        </MenuItem>
      </Show>
      <Show
        when={props.room.placing === 'archive'}
        fallback={
          <MenuItem icon={<Archive class="size-4.5" />} onSelect={() => arrange({ placing: 'archive' })}>
            {m.rooms_archive()}
          </MenuItem>
        }
      >
        <MenuItem icon={<ArchiveRestore class="size-4.5" />} onSelect={() => arrange({ placing: 'list' })}>
          {m.rooms_unarchive()}
        </MenuItem>
      </Show>
    </Menu>
  );
}
