import { type Accessor, createSignal, onCleanup, onMount } from 'solid-js';

/** Whether the film is in a small window of its own, and how to change that; `possible` is false where there is none. */
export function usePictureInPicture(video: () => HTMLVideoElement): {
  readonly possible: boolean;
  readonly on: Accessor<boolean>;
  toggle(): void;
} {
  const [on, setOn] = createSignal(false);
  onMount(() => {
    const element = video();
    const follow = () => setOn(document.pictureInPictureElement === element);
    element.addEventListener('enterpictureinpicture', follow);
    element.addEventListener('leavepictureinpicture', follow);
    onCleanup(() => {
      if (on()) document.exitPictureInPicture().catch(() => undefined);
    });
  });
  return {
    possible: document.pictureInPictureEnabled ?? false,
    on,
    toggle: () => {
      // A browser that refuses has said why by itself.
      const changing = on() ? document.exitPictureInPicture() : video().requestPictureInPicture();
      changing.catch(() => undefined);
    },
  };
}
