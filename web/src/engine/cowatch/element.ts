import type { Report } from '../../../../protocol/cowatch.ts';
import type { Screen } from './follower.ts';

/** Seconds before its end at which a film that stands is at its end: it would begin again when told to play. */
const atEnd = 0.25;

/**
 * A media element as a screen that a watch can move.
 *
 * @param waitsForUploader whether what is missing has not been uploaded yet
 */
export function screenOf(element: HTMLMediaElement, waitsForUploader: () => boolean): Screen {
  return {
    get place() {
      return element.seeking || element.readyState === element.HAVE_NOTHING ? undefined : element.currentTime;
    },
    get duration() {
      return Number.isFinite(element.duration) ? element.duration : Number.POSITIVE_INFINITY;
    },
    get paused() {
      return element.paused;
    },
    get ready() {
      if (element.seeking) return false;
      return element.ended || element.readyState >= element.HAVE_FUTURE_DATA || isAtEnd(element);
    },
    get cause(): Report['cause'] {
      return waitsForUploader() ? 'uploader' : 'loading';
    },
    play() {
      if (element.ended) return;
      element.play().catch((error: unknown) => {
        // Where the browser wants a press first, a film without its sound may begin; the button for the sound says so.
        if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || element.muted) return;
        element.muted = true;
        element.play().catch(() => undefined);
      });
    },
    pause: () => element.pause(),
    seek(place) {
      element.currentTime = place;
    },
    speed(rate) {
      if (Math.abs(element.playbackRate - rate) > 1e-4) element.playbackRate = rate;
    },
  };
}

const isAtEnd = ({ duration, currentTime }: HTMLMediaElement): boolean =>
  Number.isFinite(duration) && currentTime > duration - atEnd;
