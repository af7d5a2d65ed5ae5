import { type Accessor, createEffect, createSignal, onCleanup } from 'solid-js';
import { fromBase64 } from '../../../../protocol/bytes.ts';
import type { ManifestHead } from '../../../../protocol/manifest.ts';

/** An address of the small picture in a manifest, for as long as the component lives. */
export function usePoster(
  head: () => Pick<ManifestHead, 'poster'> | undefined,
): Accessor<string | undefined> {
  const [url, setUrl] = createSignal<string>();
  createEffect(() => {
    const poster = head()?.poster;
    if (poster === undefined) return setUrl(undefined);
    // A type that is only ever drawn, whatever is in it.
    const made = URL.createObjectURL(new Blob([fromBase64(poster)], { type: 'image/webp' }));
    setUrl(made);
    onCleanup(() => URL.revokeObjectURL(made));
  });
  return url;
}
