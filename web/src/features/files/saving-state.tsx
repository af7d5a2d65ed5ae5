import X from 'lucide-solid/icons/x';
import { Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { Bar, percentOf } from './transfer-bar.tsx';
import type { Saving } from './use-saving.ts';

/** How far saving a file has come, and what came of it. */
export function SavingState(props: { saving: Saving }) {
  return (
    <>
      <Show when={props.saving.progress() !== undefined}>
        <div class="-me-1.5 flex items-center gap-1 pb-1">
          <div class="min-w-0 flex-1">
            <Bar fraction={props.saving.progress() ?? 0} label={m.files_save()} />
            <p class="mt-1.5 text-[0.8125rem]/4.5 text-muted tabular-nums">
              {m.files_saving({ percent: percentOf(props.saving.progress() ?? 0, 1) })}
            </p>
          </div>
          <IconButton label={m.files_stopSaving()} tip="above" onClick={props.saving.stop}>
            <X class="size-4.5" />
          </IconButton>
        </div>
      </Show>
      <Show when={props.saving.rewritten()}>
        <p class="pb-3 text-[0.8125rem]/4.5 text-pretty text-muted" role="status" data-testid="rewritten">
          {m.files_savedFilm()}
        </p>
      </Show>
      <Show when={props.saving.problem()}>
        <p role="alert" class="pb-3 text-[0.8125rem]/4.5 text-danger">
          {props.saving.problem()}
        </p>
      </Show>
    </>
  );
}
