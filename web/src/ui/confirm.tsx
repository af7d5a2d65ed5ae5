import { createEffect, createSignal, on, Show } from 'solid-js';
import { Button } from './button.tsx';
import { Dialog, DialogActions } from './dialog.tsx';

export interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description: string;
  confirmLabel: string;
  cancelLabel: string;
  /** What a person is told about an error of `onConfirm`. */
  explain: (error: unknown) => string;
  /** Does it; the dialog closes when it is done. */
  onConfirm: () => Promise<void>;
}

/** Asks before something that can't be taken back. */
export function Confirm(props: ConfirmProps) {
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string>();
  createEffect(
    on(
      () => props.open,
      () => setProblem(undefined),
    ),
  );

  const confirm = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await props.onConfirm();
      props.onClose();
    } catch (error) {
      setProblem(props.explain(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={props.title}
      description={props.description}
      closeLabel={props.cancelLabel}
    >
      <Show when={problem()}>
        <p role="alert" class="mt-4 text-sm/5 text-danger">
          {problem()}
        </p>
      </Show>
      <DialogActions>
        <Button onClick={props.onClose}>{props.cancelLabel}</Button>
        <Button variant="danger" busy={busy()} onClick={confirm} data-testid="confirm">
          {props.confirmLabel}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
