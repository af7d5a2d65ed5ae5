import { type Accessor, createEffect, on, onCleanup } from 'solid-js';

/** Not in TypeScript's DOM yet: https://html.spec.whatwg.org/multipage/interaction.html#close-requests-and-close-watchers */
declare class CloseWatcher extends EventTarget {
  destroy(): void;
}

/**
 * Android's way back closes what is `open`, the newest first, and only then leaves the page. In browsers without close requests
 * it leaves at once, as ever.
 */
export function onCloseRequest(open: Accessor<boolean>, close: () => void): void {
  createEffect(
    on(open, (now) => {
      if (!now || !('CloseWatcher' in window)) return;
      const watcher = new CloseWatcher();
      watcher.addEventListener('close', close);
      onCleanup(() => watcher.destroy());
    }),
  );
}
