import { createEffect, createSignal, Match, onCleanup, Show, Switch } from 'solid-js';
import { reasonOf, sentence } from '../../engine/solid/context.tsx';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { formatBytes } from '../../ui/format.ts';
import { OpaqueFrame } from '../../ui/opaque-frame.tsx';
import { Progress } from '../../ui/progress.tsx';
import { showingOf } from '../../ui/showing.ts';
import { isKnownPicture, rareLabel } from './kinds.ts';

/** Bytes of a text that are shown. */
const longestText = 2 ** 20;
/** The largest file that is put together in memory, in bytes. */
const largest = 128 * 2 ** 20;

export interface PreviewProps {
  file: OpenedFile;
  open: boolean;
  onClose: () => void;
  onSave: () => void;
}

/** A document, decrypted and shown where it can reach nothing of ours; or why it is not. */
export function Preview(props: PreviewProps) {
  const [blob, setBlob] = createSignal<Blob>();
  const [progress, setProgress] = createSignal(0);
  const [problem, setProblem] = createSignal<string>();
  const showing = () => showingOf(props.file.head);
  const name = () => props.file.head.name;
  const cut = () => showing() === 'text' && props.file.head.size > longestText;

  /** What an image that isn't shown may just be too new for, or too rare. */
  const failure = () => {
    const { head } = props.file;
    return showing() === 'image' && !isKnownPicture(head.type)
      ? m.files_previewKind({ type: rareLabel(head) })
      : m.files_previewFailed();
  };

  const load = async (signal: AbortSignal): Promise<Blob> => {
    const { file } = props;
    if (showing() === 'text') return new Blob([await file.read(0, longestText, signal)]);
    return file.blob({ signal, onProgress: setProgress });
  };
  createEffect(() => {
    if (!props.open) return;
    const abort = new AbortController();
    onCleanup(() => {
      abort.abort();
      setBlob(undefined);
    });
    setProgress(0);
    setProblem(undefined);
    const { size } = props.file.head;
    if (size === 0) return setProblem(m.files_previewEmpty());
    if (size > largest && showing() !== 'text')
      return setProblem(m.files_previewTooLarge({ size: formatBytes(largest) }));
    load(abort.signal).then(
      (loaded) => abort.signal.aborted || setBlob(loaded),
      (error: unknown) =>
        abort.signal.aborted || setProblem(reasonOf(error) ? sentence(error) : m.files_previewFailed()),
    );
  });

  return (
    <Dialog
      open={props.open}
      onOpenChange={(open) => !open && props.onClose()}
      title={name()}
      description={m.files_previewText()}
      closeLabel={m.files_close()}
      wide
    >
      <div class="mt-4 flex h-[65dvh] flex-col justify-center" data-testid="preview">
        <Switch fallback={<Progress value={progress()} label={m.files_opening()} />}>
          <Match when={problem()}>
            {(text) => (
              <p role="alert" class="text-center text-[0.9375rem]/6 text-pretty text-muted">
                {text()}
              </p>
            )}
          </Match>
          <Match when={blob()}>
            {(loaded) => (
              <OpaqueFrame
                blob={loaded()}
                showing={showing() ?? 'text'}
                title={m.files_previewOf({ name: name() })}
                class="w-full flex-1 rounded-xl border border-line bg-canvas"
                onFail={(why) => setProblem(why === 'locked' ? m.files_previewLocked() : failure())}
                onEscape={props.onClose}
              />
            )}
          </Match>
        </Switch>
        <Show when={cut() && blob() && !problem()}>
          <p class="pt-2 text-[0.8125rem]/4.5 text-muted">
            {m.files_previewFirst({ size: formatBytes(longestText) })}
          </p>
        </Show>
      </div>
      <DialogActions>
        <Button variant="primary" onClick={() => props.onSave()} data-testid="preview-save">
          {m.files_save()}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
