import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js';
import type { OpenedFile } from '../../engine/transfers/types.ts';

/** Bytes up to which a picture is fetched and shown by itself. */
const largest = 12 * 1024 * 1024;

/** A picture, decrypted into the card. Where it can't be shown there is simply none; saving still works. */
export function Picture(props: { file: OpenedFile }) {
  const [url, setUrl] = createSignal<string>();
  const [ratio, setRatio] = createSignal(4 / 3);
  createEffect(
    on(
      () => props.file,
      (file) => {
        if (file.head.size > largest) return;
        const abort = new AbortController();
        let made: string | undefined;
        file
          .blob({ signal: abort.signal })
          .then((blob) => {
            if (abort.signal.aborted) return;
            // the type is ours from the list of pictures, never one that a browser would run
            made = URL.createObjectURL(new Blob([blob], { type: file.head.type }));
            setUrl(made);
          })
          .catch(() => undefined);
        onCleanup(() => {
          abort.abort();
          if (made) URL.revokeObjectURL(made);
          setUrl(undefined);
        });
      },
    ),
  );
  return (
    <Show when={props.file.head.size <= largest}>
      <div
        class="flex max-h-104 w-full justify-center overflow-hidden bg-hover"
        style={{ 'aspect-ratio': String(ratio()) }}
      >
        <Show when={url()}>
          {(source) => (
            <img
              src={source()}
              alt={props.file.head.name}
              class="h-full w-full object-contain"
              onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
                setRatio(Math.max(0.6, naturalWidth / Math.max(1, naturalHeight)))
              }
              onError={() => setUrl(undefined)}
            />
          )}
        </Show>
      </div>
    </Show>
  );
}
