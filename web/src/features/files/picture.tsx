import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { keptPicture, type ShownPicture, showPicture } from './pictures.ts';
import { usePoster } from './poster.ts';

/** Bytes up to which a picture is fetched and shown by itself. */
const largest = 12 * 1024 * 1024;

/** Width over height as the manifest has it, so that nothing moves when the picture comes. */
const ratioOf = ({ head: { width, height } }: OpenedFile) =>
  width && height ? Math.max(0.6, width / height) : 4 / 3;

/** A picture, decrypted into the card. Where it can't be shown there is simply none; saving still works. */
export function Picture(props: { file: OpenedFile }) {
  const [picture, setPicture] = createSignal<ShownPicture | undefined>(keptPicture(props.file));
  const [ratio, setRatio] = createSignal(picture()?.ratio ?? ratioOf(props.file));
  const [broken, setBroken] = createSignal(false);
  const poster = usePoster(() => props.file.head);
  createEffect(
    on(
      () => props.file,
      (file) => {
        if (file.head.size > largest) return;
        const abort = new AbortController();
        onCleanup(() => abort.abort());
        showPicture(file, abort.signal).then(
          (ready) => abort.signal.aborted || setPicture(ready),
          () => abort.signal.aborted || setBroken(true),
        );
      },
    ),
  );
  return (
    <Show when={props.file.head.size <= largest && !broken()}>
      <div
        class="relative flex max-h-104 w-full justify-center overflow-hidden bg-hover"
        style={{ 'aspect-ratio': String(ratio()) }}
      >
        <Show when={poster()}>
          {(url) => (
            <img
              src={url()}
              alt=""
              class="absolute inset-0 h-full w-full object-contain"
              data-testid="poster"
            />
          )}
        </Show>
        <Show when={picture()}>
          {(ready) => (
            <img
              src={ready().url}
              alt={props.file.head.name}
              class="relative h-full w-full object-contain"
              onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
                ready().ratio = Math.max(0.6, naturalWidth / Math.max(1, naturalHeight));
                setRatio(ready().ratio ?? ratioOf(props.file));
              }}
              onError={() => setBroken(true)}
            />
          )}
        </Show>
      </div>
    </Show>
  );
}
