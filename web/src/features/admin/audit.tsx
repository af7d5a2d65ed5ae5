import { createSignal, For, onMount, Show } from 'solid-js';
import type { AuditRecord } from '../../../../protocol/rest/admin.ts';
import { brokenAt } from '../../engine/admin/evidence.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { useDesk } from './state.ts';

/** The audit log, whose chain this browser verifies itself. */
export function Audit() {
  const { console, failed } = useDesk();
  const [records, setRecords] = createSignal<readonly AuditRecord[]>([]);
  const [broken, setBroken] = createSignal<number>();
  const [done, setDone] = createSignal(false);
  const read = async () => {
    const all: AuditRecord[] = [];
    for (;;) {
      const { items, last } = await console.api('listAudit', {
        query: { after: all.at(-1)?.seq ?? 0, limit: 500 },
      });
      all.push(...items);
      if (items.length === 0 || (all.at(-1)?.seq ?? 0) >= last) break;
    }
    setBroken(await brokenAt(all));
    setRecords(all);
    setDone(true);
  };
  const save = () => {
    const blob = new Blob([JSON.stringify(records(), null, 2)], { type: 'application/json' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'audit-log.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  onMount(() => {
    if (console.me.role === 'admin') void read().catch(failed);
  });
  return (
    <Show
      when={console.me.role === 'admin'}
      fallback={<p class="p-10 text-center text-muted">{m.admin_adminsOnly()}</p>}
    >
      <div class="mx-auto h-full max-w-4xl overflow-y-auto px-5 py-5">
        <div class="flex flex-wrap items-center gap-3">
          <p
            class="min-w-0 flex-1 text-[0.9375rem]/6"
            classList={{ 'text-danger': broken() !== undefined }}
            role="status"
            data-testid="chain"
          >
            <Show when={done()} fallback={m.admin_loading()}>
              {broken() === undefined
                ? m.admin_chainHolds({ count: records().length })
                : m.admin_chainBroken({ seq: broken() ?? 0 })}
            </Show>
          </p>
          <Button onClick={save} disabled={!done()}>
            {m.admin_export()}
          </Button>
        </div>
        <ol class="mt-4">
          <For each={records().toReversed()}>
            {(record) => {
              const entry = JSON.parse(record.entry) as Record<string, string>;
              return (
                <li class="flex flex-wrap gap-x-4 border-b border-line py-2 text-[0.9375rem]/6 sm:grid sm:grid-cols-[3.5rem_11rem_1fr]">
                  <span class="text-muted tabular-nums">{record.seq}</span>
                  <span class="text-muted">{formatDateTime(Date.parse(entry.at ?? ''))}</span>
                  <span class="min-w-0 wrap-anywhere max-sm:basis-full">
                    <strong class="font-semibold">{entry.action}</strong>{' '}
                    <span class="font-mono text-[0.8125rem] text-muted">{entry.target}</span>
                    <Show when={entry.detail}>
                      <span class="block">{entry.detail}</span>
                    </Show>
                    <span class="block font-mono text-[0.75rem] text-muted">{entry.actor}</span>
                  </span>
                </li>
              );
            }}
          </For>
        </ol>
      </div>
    </Show>
  );
}
