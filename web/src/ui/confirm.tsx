import { createEffect, on } from 'solid-js';
import { AttemptProblem, createAttempt } from './attempt.tsx';
import { Button } from './button.tsx';
import { Dialog, DialogActions } from './dialog.tsx';

export interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description: string;
  confirmLabel: string;
  cancelLabel: string;
  /** Where the other button is another way rather than none: that way, and what closing alone is called. */
  instead?: { onChoose: () => void; closeLabel: string };
  /** What a person is told about an error of `onConfirm`. */
  explain: (error: unknown) => string;
  /** Does it; the dialog closes when it is done. */
  onConfirm: () => Promise<void>;
}

/** Asks before something that can't be taken back. */
export function Confirm(props: ConfirmProps) {
  const attempt = createAttempt((error) => props.explain(error));
  createEffect(
    on(
      () => props.open,
      () => attempt.say(undefined),
    ),
  );
  const confirm = async () => {
    if (await attempt.run(() => props.onConfirm())) props.onClose();
  };

  const cancel = () => {
    props.onClose();
    props.instead?.onChoose();
  };

  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={props.title}
      description={props.description}
      closeLabel={props.instead?.closeLabel ?? props.cancelLabel}
    >
      <AttemptProblem attempt={attempt} />
      <DialogActions>
        <Button onClick={cancel}>{props.cancelLabel}</Button>
        <Button variant="danger" busy={attempt.busy()} onClick={confirm} data-testid="confirm">
          {props.confirmLabel}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
