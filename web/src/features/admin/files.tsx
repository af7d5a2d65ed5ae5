import { createMemo, createSignal, onMount, Show } from 'solid-js';
import type { AdminFile } from '../../../../protocol/rest/admin.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes, formatDateTime } from '../../ui/format.ts';
import { AskWhy, type Deed } from './ask-why.tsx';
import { createPages, Facts, List, TwoPanes } from './list.tsx';
import { useDesk } from './state.ts';

/** Files, by what the service knows of them. */
export function Files() {
  const { console } = useDesk();
  const [selected, setSelected] = createSignal<string>();
  const [deed, setDeed] = createSignal<Deed>();
  const pages = createPages<AdminFile>((cursor) =>
    console.api('listFiles', { query: { limit: 50, ...(cursor !== undefined && { cursor }) } }),
  );
  onMount(() => void pages.reload());
  const file = createMemo(() => pages.items().find(({ id }) => id === selected()));
  const takeDown = (item: AdminFile) =>
    setDeed({
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
    <>
      <TwoPanes
        open={file() !== undefined}
        list={
          <List
            pages={pages}
            label={m.admin_tabs({ tab: 'files' })}
            empty={m.admin_noFiles()}
            selected={selected()}
            onSelect={(item) => setSelected(item?.id)}
            row={(item) => (
              <span class="flex gap-3">
                <span class="min-w-0 flex-1 truncate font-mono text-[0.8125rem]">{item.id}</span>
                <span class="text-muted">{formatBytes(item.size)}</span>
                <span class="w-20 text-end text-muted">{m.admin_fileStates({ state: item.state })}</span>
              </span>
            )}
          />
        }
        detail={
          <Show when={file()}>
            {(it) => (
              <div class="mx-auto max-w-3xl px-5 py-5">
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
                <div class="mt-6 flex flex-wrap gap-2.5">
                  <Button class="lg:hidden" onClick={() => setSelected(undefined)}>
                    {m.admin_close()}
                  </Button>
                  <Show when={it().state !== 'deleted'}>
                    <Button variant="danger" onClick={() => takeDown(it())}>
                      {m.admin_takeDown()}
                    </Button>
                  </Show>
                </div>
              </div>
            )}
          </Show>
        }
      />
      <AskWhy deed={deed()} onClose={() => setDeed(undefined)} />
    </>
  );
}
