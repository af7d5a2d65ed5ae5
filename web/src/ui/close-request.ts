import { type Accessor, createEffect, on, onCleanup } from 'solid-js';

/** Not in TypeScript's DOM yet: https://html.spec.whatwg.org/multipage/interaction.html#close-requests-and-close-watchers */
declare class CloseWatcher extends EventTarget {
  destroy(): void;
}

/** What is open, the newest last. */
const closers: (() => void)[] = [];

// A browser lets a page refuse to be left so once for each thing that was done on it.
globalThis.navigation?.addEventListener('navigate', (event) => {
  const close = closers.at(-1);
  const from = globalThis.navigation?.currentEntry?.index ?? 0;
  if (!close || !event.cancelable || event.navigationType !== 'traverse' || event.destination.index >= from)
    return;
  event.preventDefault();
  close();
});

/**
 * The way back, Android's or a desktop browser's, closes what is `open`, the newest first, and only then leaves the page. In browsers
 * without close requests and the Navigation API it leaves at once, as ever.
 */
export function onCloseRequest(open: Accessor<boolean>, close: () => void): void {
  createEffect(
    on(open, (now) => {
      if (!now) return;
      closers.push(close);
      onCleanup(() => closers.splice(closers.indexOf(close), 1));
      if (!('CloseWatcher' in window)) return;
      const watcher = new CloseWatcher();
      watcher.addEventListener('close', close);
      onCleanup(() => watcher.destroy());
    }),
  );
}
