import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js';
import { later } from '../../ui/later.ts';
import { opened, openFind, setOpened } from './open.ts';

const FindBox = later(async () => (await import('./find-box.tsx')).FindBox);

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
      <FindBox />
    </Show>
  );
}
