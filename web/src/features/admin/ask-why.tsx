import { createEffect, createSignal, on, Show } from 'solid-js';
import { maxNote } from '../../../../protocol/rest/index.ts';
import { isOver, sentenceOf } from '../../engine/admin/console.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { useDesk } from './state.ts';

/** Something that is done with a reason. */
export interface Deed {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly harm: boolean;
  readonly act: (reason: string) => Promise<void>;
}

/** Asks why before it is done: every deed stands in the audit log with its reason. */
export function AskWhy(props: { deed: Deed | undefined; onClose: () => void }) {
  const { failed } = useDesk();
  const [reason, setReason] = createSignal('');
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string>();
  createEffect(
    on(
      () => props.deed,
      () => {
        setReason('');
        setProblem(undefined);
      },
    ),
  );
  const act = async () => {
    const why = reason().trim();
    if (!why) return setProblem(m.admin_reasonMissing());
    setBusy(true);
    setProblem(undefined);
    try {
      await props.deed?.act(why);
      props.onClose();
    } catch (error) {
      if (isOver(error)) failed(error);
      else setProblem(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={props.deed !== undefined}
      onOpenChange={(open) => !open && props.onClose()}
      title={props.deed?.title ?? ''}
      description={props.deed?.text}
      closeLabel={m.admin_cancel()}
    >
      <label class="mt-5 block text-[0.9375rem] font-semibold">
        {m.admin_reason()}
        <textarea
          class="mt-1.5 block min-h-20 w-full resize-y rounded-lg border border-edge bg-raised px-3.5 py-2.5 text-base font-normal text-ink focus-visible:border-accent focus-visible:outline-offset-0"
          maxLength={maxNote}
          value={reason()}
          onInput={(event) => setReason(event.currentTarget.value)}
          data-testid="reason"
        />
      </label>
      <Show when={problem()}>
        <p role="alert" class="mt-3 text-sm/5 text-danger">
          {problem()}
        </p>
      </Show>
      <DialogActions>
        <Button onClick={props.onClose}>{m.admin_cancel()}</Button>
        <Button
          variant={props.deed?.harm ? 'danger' : 'primary'}
          busy={busy()}
          onClick={act}
          data-testid="confirm"
        >
          {props.deed?.confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
