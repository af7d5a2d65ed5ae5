import { onMount } from 'solid-js';
import type { AdminRoom } from '../../../../protocol/rest/admin.ts';
import { m } from '../../language/index.ts';
import { formatDateTime } from '../../ui/format.ts';
import { createPages, List } from './list.tsx';
import { useDesk } from './state.ts';

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
        label={m.admin_tabs({ tab: 'rooms' })}
        empty={m.admin_noRooms()}
        selected={undefined}
        onSelect={() => {}}
        row={(room) => (
          <span class="block">
            <span class="block font-mono text-[0.8125rem]">{room.id}</span>
            <span class="text-[0.8125rem] text-muted">
              {m.admin_roomCounts({
                members: room.members,
                messages: room.messages,
                files: room.files,
                reports: room.reports,
              })}{' '}
              · {formatDateTime(Date.parse(room.createdAt))}
            </span>
          </span>
        )}
      />
    </div>
  );
}
