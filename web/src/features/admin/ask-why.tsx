import { createEffect, createSignal, on } from 'solid-js';
import { maxNote } from '../../../../protocol/rest/index.ts';
import { isOver, sentenceOf } from '../../engine/admin/console.ts';
import { m } from '../../language/index.ts';
import { AttemptProblem, createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/text-area.tsx';
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
  const attempt = createAttempt((error) => {
    if (!isOver(error)) return sentenceOf(error);
    failed(error);
    return undefined;
  });
  createEffect(
    on(
      () => props.deed,
      () => {
        setReason('');
        attempt.say(undefined);
      },
    ),
  );
  const act = async () => {
    const { deed } = props;
    const why = reason().trim();
    if (!why) return attempt.say(m.admin_reasonMissing());
    if (deed && (await attempt.run(() => deed.act(why)))) props.onClose();
  };
  return (
    <Dialog
      open={props.deed !== undefined}
      onOpenChange={(open) => !open && props.onClose()}
      title={props.deed?.title ?? ''}
      description={props.deed?.text}
      closeLabel={m.admin_cancel()}
    >
      <TextArea
        class="mt-5"
        label={m.admin_reason()}
        maxLength={maxNote}
        value={reason()}
        onInput={setReason}
        data-testid="reason"
      />
      <AttemptProblem attempt={attempt} />
      <DialogActions>
        <Button onClick={props.onClose}>{m.admin_cancel()}</Button>
        <Button
          variant={props.deed?.harm ? 'danger' : 'primary'}
          busy={attempt.busy()}
          onClick={act}
          data-testid="confirm"
        >
          {props.deed?.confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
