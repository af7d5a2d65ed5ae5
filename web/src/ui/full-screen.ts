import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** iPhones have no full screen but for the film itself. */
type PhoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

/** Whether `container()` fills the screen, and how to change that. */
export function useFullScreen(
  container: () => HTMLElement,
  video: () => HTMLVideoElement,
): { readonly on: Accessor<boolean>; toggle(): void } {
  const [on, setOn] = createSignal(false);
  const follow = () => setOn(document.fullscreenElement === container());
  document.addEventListener('fullscreenchange', follow);
  onCleanup(() => document.removeEventListener('fullscreenchange', follow));
  const toggle = () => {
    // A browser that refuses has said why by itself.
    if (on()) document.exitFullscreen().catch(() => undefined);
    else if (document.fullscreenEnabled)
      container()
        .requestFullscreen()
        .catch(() => undefined);
    else (video() as PhoneVideo).webkitEnterFullscreen?.();
  };
  return { on, toggle };
}
