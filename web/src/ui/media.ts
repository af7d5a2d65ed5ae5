import { type Accessor, createSignal, onCleanup } from 'solid-js';

/** Whether a media query holds, as a signal. */
export function useMedia(query: string): Accessor<boolean> {
  const list = matchMedia(query);
  const [matches, setMatches] = createSignal(list.matches);
  const follow = () => setMatches(list.matches);
  list.addEventListener('change', follow);
  onCleanup(() => list.removeEventListener('change', follow));
  return matches;
}

/** Room for list and conversation side by side; the same as Tailwind's `md`. */
export const useWide = () => useMedia('(min-width: 48rem)');
/** Room for a third column; the same as Tailwind's `xl`. */
export const useExtraWide = () => useMedia('(min-width: 80rem)');
/** A finger is what points, so that the keyboard is most likely one on the screen. */
export const useCoarsePointer = () => useMedia('(pointer: coarse)');
