import { For } from 'solid-js';
import type { Receipt } from '../../../../protocol/rest/index.ts';
import { Button } from '../../ui/button.tsx';
import { download } from '../../ui/download.ts';
import { Mark } from '../../ui/mark.tsx';
import { strings } from './strings.ts';

/** What stands where an account was: that it is gone, when, and what went with it. */
export function ReceiptScreen(props: { receipt: Receipt; onDone: () => void }) {
  const removed = () =>
    Object.entries(strings.removed).map(
      ([kind, label]) => [label, props.receipt.removed[kind as keyof Receipt['removed']]] as const,
    );
  const save = () =>
    download(
      new Blob([JSON.stringify(props.receipt, undefined, 2)], { type: 'application/json' }),
      strings.receiptFile,
    );
  return (
    <main class="flex h-full items-start justify-center overflow-y-auto bg-canvas px-6 py-10 sm:items-center">
      <div class="w-full max-w-md" data-testid="receipt">
        <Mark class="size-9 text-accent" />
        <h1 class="mt-5 text-2xl/8 font-semibold tracking-tight">{strings.receiptTitle}</h1>
        <p class="mt-2 text-[0.9375rem]/6 text-pretty text-muted">
          {strings.receiptText(new Date(props.receipt.deletedAt))}
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
            {strings.receiptDone}
          </Button>
          <Button onClick={save}>{strings.receiptSave}</Button>
        </div>
      </div>
    </main>
  );
}
