import type { AdminRoom } from '../../../../protocol/rest/admin.ts';
import { m } from '../../language/index.ts';
import { formatDateTime, formatNumber } from '../../ui/format.ts';
import { createPages, Facts } from './list.tsx';
import { PickList } from './pick-list.tsx';
import { useDesk } from './state.ts';

/** Rooms, in numbers: what is said in them, and what they are called, nobody here can know. */
export function Rooms() {
  const { console } = useDesk();
  const pages = createPages<AdminRoom>((cursor) =>
    console.api('listAllRooms', { query: { limit: 50, ...(cursor !== undefined && { cursor }) } }),
  );
  return (
    <PickList
      pages={pages}
      label={m.admin_tabs({ tab: 'rooms' })}
      empty={m.admin_noRooms()}
      row={(room) => (
        <span class="block">
          <span class="flex items-baseline gap-3">
            <span class="min-w-0 flex-1 truncate font-mono text-[0.8125rem]">{room.id}</span>
            <span class="text-[0.8125rem] text-muted">{m.admin_memberCount({ count: room.members })}</span>
          </span>
          <span class="block text-[0.8125rem] text-muted">{formatDateTime(Date.parse(room.createdAt))}</span>
        </span>
      )}
      detail={(it) => (
        <Facts
          facts={[
            [m.admin_room(), it().id],
            [m.admin_owner(), it().ownerId],
            [m.admin_created(), formatDateTime(Date.parse(it().createdAt))],
            [m.admin_members(), formatNumber(it().members)],
            [m.admin_messages(), formatNumber(it().messages)],
            [m.admin_files(), formatNumber(it().files)],
            [m.admin_tabs({ tab: 'reports' }), formatNumber(it().reports)],
          ]}
        />
      )}
    />
  );
}
