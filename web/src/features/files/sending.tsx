import { Show } from 'solid-js';
import type { Upload, UploadProgress } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { onItsWay } from './on-its-way.ts';
import { UploadBar } from './transfer-bar.tsx';

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
  const { under, long } = onItsWay(() => props.progress);
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
