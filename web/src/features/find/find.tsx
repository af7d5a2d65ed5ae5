import { createEffect, createSignal, lazy, onCleanup, onMount, Show, Suspense } from 'solid-js';
import { opened, openFind, setOpened } from './open.ts';

const FindBox = lazy(async () => ({ default: (await import('./find-box.tsx')).FindBox }));

/** Listens for ⌘K and Ctrl-K; the box itself comes when it is first asked for. */
export function Find() {
  const [wanted, setWanted] = createSignal(false);
  createEffect(() => opened() !== undefined && setWanted(true));
  onMount(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey || event.key !== 'k') return;
      event.preventDefault();
      if (opened() === undefined) openFind();
      else setOpened(undefined);
    };
    window.addEventListener('keydown', onKey);
    onCleanup(() => window.removeEventListener('keydown', onKey));
  });
  return (
    <Show when={wanted()}>
      <Suspense>
        <FindBox />
      </Suspense>
    </Show>
  );
}
