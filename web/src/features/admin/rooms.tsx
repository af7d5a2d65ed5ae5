import { onMount } from 'solid-js';
import type { AdminRoom } from '../../../../protocol/rest/admin.ts';
import { createPages, List } from './list.tsx';
import { useDesk } from './state.ts';
import { strings } from './strings.ts';

/** Rooms, in numbers: what is said in them, and what they are called, nobody here can know. */
export function Rooms() {
  const { console } = useDesk();
  const pages = createPages<AdminRoom>((cursor) =>
    console.api('listAllRooms', { query: { limit: 50, ...(cursor !== undefined && { cursor }) } }),
  );
  onMount(() => void pages.reload());
  return (
    <div class="mx-auto flex h-full max-w-3xl flex-col">
      <List
        pages={pages}
        label={strings.tabs.rooms}
        empty={strings.noRooms}
        selected={undefined}
        onSelect={() => {}}
        row={(room) => (
          <span class="block">
            <span class="block font-mono text-[0.8125rem]">{room.id}</span>
            <span class="text-[0.8125rem] text-muted">
              {strings.roomCounts(room.members, room.messages, room.files, room.reports)} ·{' '}
              {new Date(room.createdAt).toLocaleDateString()}
            </span>
          </span>
        )}
      />
    </div>
  );
}
