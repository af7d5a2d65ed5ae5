import { createEffect, createMemo, createSignal, onCleanup, Show } from 'solid-js';
import type { Upload, UploadProgress } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { UploadBar } from './transfer-bar.tsx';

/** Milliseconds for which a file must be on its way before its place is kept. */
const soon = 1000;

/**
 * One's own file on its way. It stays as tall as it is when the last of it has gone: what one is about to press would move away. Who comes
 * back later sees none of it.
 */
export function Sending(props: {
  upload: Upload;
  /** Undefined once it has ended. */
  progress: UploadProgress | undefined;
  onCancel: () => void;
}) {
  // A memo: each bit of progress is an object of its own, and would begin the wait anew.
  const under = createMemo(() => props.progress !== undefined);
  const [long, setLong] = createSignal(false);
  createEffect(() => {
    if (!under()) return;
    const timer = setTimeout(() => setLong(true), soon);
    onCleanup(() => clearTimeout(timer));
  });
  const sent = () => !under() && long() && props.upload.progress.get().state === 'done';
  return (
    <div class="-mt-1.5 -me-1.5 pb-1 empty:hidden">
      <Show when={props.progress}>
        {(progress) => <UploadBar upload={props.upload} progress={progress()} onCancel={props.onCancel} />}
      </Show>
      <Show when={sent()}>
        <p class="flex min-h-11 items-center text-[0.8125rem]/4.5 text-muted" data-testid="all-sent">
          {m.files_allSent()}
        </p>
      </Show>
    </div>
  );
}
