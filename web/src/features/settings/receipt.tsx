import { For } from 'solid-js';
import type { Receipt } from '../../../../protocol/rest/index.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { download } from '../../ui/download.ts';
import { formatDateTime } from '../../ui/format.ts';
import { Mark } from '../../ui/mark.tsx';

/** In the order in which they matter to a person. */
const removedKinds = [
  'memberships',
  'files',
  'devices',
  'sessions',
  'oneTimePreKeys',
  'keyBackups',
  'fileKeys',
] as const satisfies readonly (keyof Receipt['removed'])[];

/** What stands where an account was: that it is gone, when, and what went with it. */
export function ReceiptScreen(props: { receipt: Receipt; onDone: () => void }) {
  const removed = () =>
    removedKinds.map((kind) => [m.settings_removed({ kind }), props.receipt.removed[kind]] as const);
  const save = () =>
    download(
      new Blob([JSON.stringify(props.receipt, undefined, 2)], { type: 'application/json' }),
      m.settings_receiptFile(),
    );
  return (
    <main class="flex h-full items-start justify-center overflow-y-auto bg-canvas px-6 py-10 sm:items-center">
      <div class="w-full max-w-md" data-testid="receipt">
        <Mark class="size-9 text-accent" />
        <h1 class="mt-5 text-2xl/8 font-semibold tracking-tight">{m.settings_receiptTitle()}</h1>
        <p class="mt-2 text-[0.9375rem]/6 text-pretty text-muted">
          {m.settings_receiptText({ at: formatDateTime(Date.parse(props.receipt.deletedAt), 'long') })}
        </p>
        <dl class="mt-6 divide-y divide-line border-y border-line text-[0.9375rem]/6">
          <For each={removed()}>
            {([label, count]) => (
              <div class="flex justify-between gap-4 py-2.5">
                <dt class="text-muted">{label}</dt>
                <dd class="font-semibold tabular-nums">{count}</dd>
              </div>
            )}
          </For>
        </dl>
        <div class="mt-7 flex flex-wrap gap-2.5">
          <Button variant="primary" onClick={props.onDone} data-testid="receipt-done">
            {m.settings_receiptDone()}
          </Button>
          <Button onClick={save}>{m.settings_receiptSave()}</Button>
        </div>
      </div>
    </main>
  );
}
