import { createSignal, onCleanup } from 'solid-js';
import type { CallView } from '../../engine/types.ts';

/** Whether this browser can keep a video above all other windows. */
const possible = () => document.pictureInPictureEnabled === true;

/** Somebody's picture above all other windows: their screen, or who speaks, or who is first. */
export function createPictureInPicture(call: () => CallView) {
  const videos = new Map<string, HTMLVideoElement>();
  const [open, setOpen] = createSignal(false);

  /** The tile to be shown; undefined while nobody shows anything. */
  const best = (): string | undefined => {
    const { others } = call();
    const screen = others.find((other) => other.screen && other.opens);
    if (screen) return `${screen.id} screen`;
    const seen = others.filter((other) => other.video && other.opens);
    return (seen.find(({ speaking }) => speaking) ?? seen[0])?.id;
  };
  const close = async () => {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
  };
  onCleanup(() => void close().catch(() => {}));

  return {
    open,
    available: () => possible() && (open() || best() !== undefined),
    /** The video of tile `id` is `video`. */
    put(id: string, video: HTMLVideoElement): void {
      videos.set(id, video);
      video.addEventListener('enterpictureinpicture', () => setOpen(true));
      video.addEventListener('leavepictureinpicture', () => setOpen(false));
      onCleanup(() => {
        if (videos.get(id) === video) videos.delete(id);
      });
    },
    async toggle(): Promise<void> {
      if (open()) return close();
      const video = videos.get(best() ?? '');
      if (video) await video.requestPictureInPicture();
    },
  };
}

export type PictureInPicture = ReturnType<typeof createPictureInPicture>;
