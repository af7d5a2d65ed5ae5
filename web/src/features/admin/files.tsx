import { Show } from 'solid-js';
import type { AdminFile } from '../../../../protocol/rest/admin.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes, formatDateTime } from '../../ui/format.ts';
import type { Deed } from './ask-why.tsx';
import { createPages, Facts } from './list.tsx';
import { PickList } from './pick-list.tsx';
import { useDesk } from './state.ts';

/** Files, by what the service knows of them. */
export function Files() {
  const { console } = useDesk();
  const pages = createPages<AdminFile>((cursor) =>
    console.api('listFiles', { query: { limit: 50, ...(cursor !== undefined && { cursor }) } }),
  );
  const takeDown = (item: AdminFile): Deed => ({
    title: m.admin_takeDownTitle(),
    text: m.admin_takeDownText(),
    confirm: m.admin_takeDown(),
    harm: true,
    act: async (reason) => {
      await console.api('takeDownFile', { params: { id: item.id }, body: { reason } });
      pages.replace({ ...item, state: 'deleted' });
    },
  });
  return (
    <PickList
      pages={pages}
      label={m.admin_tabs({ tab: 'files' })}
      empty={m.admin_noFiles()}
      row={(item) => (
        <span class="flex gap-3">
          <span class="min-w-0 flex-1 truncate font-mono text-[0.8125rem]">{item.id}</span>
          <span class="text-muted">{formatBytes(item.size)}</span>
          <span class="w-20 text-end text-muted">{m.admin_fileStates({ state: item.state })}</span>
        </span>
      )}
      detail={(it) => (
        <Facts
          facts={[
            [m.admin_files(), it().id],
            [m.admin_uploader(), it().uploaderId],
            [m.admin_room(), it().chatroomId],
            [m.admin_size(), formatBytes(it().size)],
            [m.admin_state(), m.admin_fileStates({ state: it().state })],
            [m.admin_created(), formatDateTime(Date.parse(it().createdAt))],
          ]}
        />
      )}
      deeds={(it, ask) => (
        <Show when={it().state !== 'deleted'}>
          <Button variant="danger" onClick={() => ask(takeDown(it()))}>
            {m.admin_takeDown()}
          </Button>
        </Show>
      )}
    />
  );
}
