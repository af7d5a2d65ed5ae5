import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js';
import type { ManifestHead } from '../../../../protocol/manifest.ts';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { keptPicture, type ShownPicture, showPicture } from './pictures.ts';
import { usePoster } from './poster.ts';

/** Width over height as the manifest has it, so that nothing moves when the picture comes. */
const ratioOf = ({ width, height }: ManifestHead) =>
  width && height ? Math.max(0.6, width / height) : 4 / 3;

/** Pixels of the longer side up to which a picture is not made larger: blown up it would be nothing but squares. */
const tiny = 64;

/**
 * A picture, decrypted into the card; its place, with a small one, until `file` is there. Where it can't be shown there is simply none,
 * and the card says why.
 */
export function Picture(props: { head: ManifestHead; file: OpenedFile | undefined; onFail: () => void }) {
  const [picture, setPicture] = createSignal<ShownPicture | undefined>(props.file && keptPicture(props.file));
  const [ratio, setRatio] = createSignal(picture()?.ratio ?? ratioOf(props.head));
  const [broken, setBroken] = createSignal(false);
  const [longer, setLonger] = createSignal(Number.POSITIVE_INFINITY);
  const poster = usePoster(() => props.head);
  createEffect(
    on(
      () => props.file,
      (file) => {
        if (!file) return;
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
    <Show when={!broken()}>
      <div
        class="relative flex max-h-104 w-full justify-center overflow-hidden bg-hover"
        classList={{ 'h-24': longer() <= tiny }}
        style={longer() <= tiny ? {} : { 'aspect-ratio': String(ratio()) }}
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
              alt={props.head.name}
              class="relative h-full w-full"
              classList={{ 'object-contain': longer() > tiny, 'object-scale-down': longer() <= tiny }}
              onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
                ready().ratio = Math.max(0.6, naturalWidth / Math.max(1, naturalHeight));
                setRatio(ready().ratio ?? ratioOf(props.head));
                setLonger(Math.max(naturalWidth, naturalHeight));
              }}
              onError={() => {
                setBroken(true);
                props.onFail();
              }}
            />
          )}
        </Show>
      </div>
    </Show>
  );
}
