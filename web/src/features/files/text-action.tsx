import type { LucideIcon } from 'lucide-solid';
import type { JSX } from 'solid-js';
import { Dynamic } from 'solid-js/web';

/** Something that can be done with a file, in a word, beneath it. */
export function TextAction(props: {
  icon: LucideIcon;
  /** The word, with what it is about. */
  label: string;
  onPress: () => void;
  children: JSX.Element;
  'data-testid': string;
}) {
  return (
    <button
      type="button"
      class="-mt-1 -ms-2 mb-1.5 inline-flex min-h-11 items-center gap-2 rounded-lg px-2 text-sm/5 font-semibold text-accent transition-colors hover:bg-hover"
      aria-label={props.label}
      data-testid={props['data-testid']}
      onClick={() => props.onPress()}
    >
      <Dynamic component={props.icon} class="size-4.5" />
      {props.children}
    </button>
  );
}
