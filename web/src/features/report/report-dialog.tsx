import File from 'lucide-solid/icons/file';
import { createEffect, createSignal, createUniqueId, For, on, Show } from 'solid-js';
import { maxNote, ReportReason } from '../../../../protocol/rest/index.ts';
import { sentence } from '../../engine/solid/context.tsx';
import type { FileItem, Room, TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { AttemptProblem, createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { formatTime } from '../../ui/format.ts';
import { TextArea } from '../../ui/text-area.tsx';

export interface ReportDialogProps {
  room: Room;
  item: TextItem | FileItem;
  open: boolean;
  onClose: () => void;
}

/** Shows what a report of a message reveals, asks what is wrong with it, and sends it. */
export function ReportDialog(props: ReportDialogProps) {
  const [reason, setReason] = createSignal<ReportReason>('harassment');
  const [note, setNote] = createSignal('');
  const [sent, setSent] = createSignal(false);
  const attempt = createAttempt(sentence);
  createEffect(
    on(
      () => props.open && props.item.id,
      (open) => {
        if (!open) return;
        setReason('harassment');
        setNote('');
        setSent(false);
        attempt.say(undefined);
      },
    ),
  );

  const send = async () =>
    setSent(
      await attempt.run(() => props.room.report(props.item, { reason: reason(), note: note().trim() })),
    );

  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={sent() ? m.report_sentTitle() : m.report_title({ author: props.item.authorName })}
      description={sent() ? m.report_sentText() : undefined}
      closeLabel={m.report_cancel()}
    >
      <Show
        when={!sent()}
        fallback={
          <DialogActions>
            <Button variant="primary" onClick={props.onClose} data-testid="report-done">
              {m.report_done()}
            </Button>
          </DialogActions>
        }
      >
        <p class="mt-3 text-[0.9375rem]/6 text-muted">{m.report_revealed()}</p>
        <Preview room={props.room} item={props.item} />
        <p class="mt-3 text-sm/5 text-pretty text-muted">{m.report_text()}</p>
        <Reasons value={reason()} onChange={setReason} />
        <TextArea class="mt-4" label={m.report_note()} maxLength={maxNote} value={note()} onInput={setNote} />
        <AttemptProblem attempt={attempt} />
        <DialogActions>
          <Button onClick={props.onClose}>{m.report_cancel()}</Button>
          <Button variant="danger" busy={attempt.busy()} onClick={send} data-testid="report-send">
            {m.report_send()}
          </Button>
        </DialogActions>
      </Show>
    </Dialog>
  );
}

/** Exactly what is revealed of it. */
function Preview(props: { room: Room; item: TextItem | FileItem }) {
  const file = () => (props.item.kind === 'file' ? props.item : undefined);
  const [name, setName] = createSignal<string>();
  createEffect(
    on(file, (it) => {
      setName(it?.name);
      // Its card has it open already; where it can't be opened, it is reported all the same.
      if (it && it.name === undefined)
        props.room.openFile(it).then(
          ({ head }) => setName(head.name),
          () => {},
        );
    }),
  );
  return (
    <figure
      // A long one is scrolled by keys, too.
      tabindex="0"
      class="mt-2 max-h-48 shrink-0 overflow-y-auto rounded-2xl border border-line bg-surface px-4 py-3"
      data-testid="report-revealed"
    >
      <figcaption class="text-[0.8125rem]/5 font-semibold text-muted">
        {props.item.authorName} · {formatTime(props.item.at)}
      </figcaption>
      <Show
        when={file()}
        fallback={
          <p class="text-[0.9375rem]/6 wrap-anywhere whitespace-pre-wrap">
            {props.item.kind === 'text' && props.item.text}
          </p>
        }
      >
        {(_) => (
          <p class="flex items-center gap-2 text-[0.9375rem]/6">
            <File class="size-4 shrink-0 text-muted" />
            <span class="wrap-anywhere">
              {name() === undefined ? m.report_file() : m.report_named({ name: name() ?? '' })}
            </span>
          </p>
        )}
      </Show>
    </figure>
  );
}

function Reasons(props: { value: ReportReason; onChange: (reason: ReportReason) => void }) {
  const group = createUniqueId();
  return (
    <fieldset class="mt-5">
      <legend class="text-[0.9375rem] font-semibold">{m.report_reason()}</legend>
      <div class="mt-1.5">
        <For each={ReportReason.options}>
          {(reason) => (
            <label class="flex min-h-9 items-center gap-3 rounded-md px-1 text-[0.9375rem] hover:bg-hover pointer-coarse:min-h-11">
              <input
                type="radio"
                class="size-4.5 shrink-0 accent-accent"
                name={group}
                checked={props.value === reason}
                onChange={() => props.onChange(reason)}
              />
              {m.report_reasons({ reason })}
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
