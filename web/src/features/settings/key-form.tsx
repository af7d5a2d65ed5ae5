import { type JSX, Show } from 'solid-js';
import type { RunningKeyWork } from '../../engine/solid/key-work.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { DialogActions, holdDialog } from '../../ui/dialog.tsx';
import { Progress } from '../../ui/progress.tsx';

export interface KeyFormProps {
  work: RunningKeyWork;
  problem: string | undefined;
  submitLabel: string;
  /** What it does can't be taken back. */
  danger?: boolean;
  onSubmit: () => void;
  onCancel: () => void;
  children: JSX.Element;
}

/** A form of a dialog whose work takes a while: it says how far it is, and can be given up until the service is asked. */
export function KeyForm(props: KeyFormProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!props.work.busy()) props.onSubmit();
  };
  const asking = () => props.work.busy() && !props.work.canCancel();
  holdDialog(asking);
  const cancel = () => (props.work.busy() ? props.work.cancel() : props.onCancel());
  return (
    <form class="mt-5 flex flex-col gap-5" novalidate onSubmit={submit}>
      {props.children}
      <Show when={props.problem}>
        <p role="alert" class="rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
          {props.problem}
        </p>
      </Show>
      <Show when={props.work.busy()}>
        <div>
          <p role="status" class="mb-2 text-sm/5 text-muted">
            {asking() ? m.settings_sending() : m.settings_makingKeys()}
          </p>
          <Progress value={props.work.progress() ?? 1} label={m.settings_makingKeys()} />
        </div>
      </Show>
      <DialogActions>
        <Button unavailable={asking()} onClick={cancel} data-testid="cancel">
          {m.settings_cancel()}
        </Button>
        <Button
          type="submit"
          variant={props.danger ? 'danger' : 'primary'}
          busy={props.work.busy()}
          data-testid="submit"
        >
          {props.submitLabel}
        </Button>
      </DialogActions>
    </form>
  );
}
