import { useSearchParams } from '@solidjs/router';
import Archive from 'lucide-solid/icons/archive';
import Plus from 'lucide-solid/icons/plus';
import Search from 'lucide-solid/icons/search';
import { createMemo, For, onMount, Show } from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { keyed, useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { useWide } from '../../ui/media.ts';
import { openFind } from '../find/index.ts';
import { AccountMenu } from './account-menu.tsx';
import { beginRoom, CreateRoom } from './create-room.tsx';
import { FirstRoom } from './first-room.tsx';
import { GuestReminder } from './guest-reminder.tsx';
import { RoomEntry } from './room-entry.tsx';

const shortcut = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';

/** All rooms by their last activity, with the way to a new one and to the account. */
export function RoomList() {
  const engine = useEngine();
  const rooms = keyed(
    useObservable(() => engine.rooms),
    (room) => room.id,
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );
  const archived = createMemo(() => rooms().filter((room) => room.value().placing === 'archive'));
  const wide = useWide();

  // The shortcuts of the installed app.
  const [wanted, setWanted] = useSearchParams();
  onMount(() => {
    if (wanted.new !== undefined) beginRoom();
    else if (wanted.find !== undefined) openFind();
    else return;
    setWanted({ new: undefined, find: undefined }, { replace: true });
  });

  return (
    <>
      <header class="flex items-center gap-1 pt-[max(0.75rem,env(safe-area-inset-top))] pe-2.5 pb-2 ps-5">
        <h1 class="flex-1 text-[1.375rem]/8 font-semibold tracking-tight">{m.rooms_rooms()}</h1>
        <IconButton
          label={m.rooms_find({ key: shortcut })}
          data-testid="open-find"
          onClick={() => openFind()}
        >
          <Search class="size-5" />
        </IconButton>
        <IconButton label={m.rooms_newRoom()} tip="left" data-testid="create-room" onClick={beginRoom}>
          <Plus class="size-5.5" />
        </IconButton>
      </header>
      <div class="min-h-0 flex-1 overflow-y-auto px-2.5 pb-3">
        <Show
          when={rooms().length}
          fallback={
            <Show when={!wide()}>
              <FirstRoom />
            </Show>
          }
        >
          <ul class="flex flex-col gap-0.5">
            <For each={rooms().filter((room) => room.value().placing !== 'archive')}>
              {(room) => <RoomEntry room={room.value()} />}
            </For>
          </ul>
          <Show when={archived().length}>
            <details class="mt-2">
              <summary class="flex min-h-11 items-center gap-3 rounded-xl px-2.5 text-[0.9375rem] text-muted hover:bg-hover">
                <Archive class="mx-3.75 size-4.5" />
                <span class="flex-1">{m.rooms_archived()}</span>
                <span class="tabular-nums">{archived().length}</span>
              </summary>
              <ul class="flex flex-col gap-0.5">
                <For each={archived()}>{(room) => <RoomEntry room={room.value()} />}</For>
              </ul>
            </details>
          </Show>
        </Show>
      </div>
      <footer class="border-t border-line px-2.5 pt-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
        <GuestReminder />
        <AccountMenu />
      </footer>
      <CreateRoom />
    </>
  );
}
