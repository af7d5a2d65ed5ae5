import { type Accessor, createSignal, For, onCleanup } from 'solid-js';
import type { JoinedWatch } from '../../engine/types.ts';
import { m } from '../../language/index.ts';

/** What can be said without words. */
export const emojis = ['😂', '😮', '😢', '❤️', '👏', '🎉'] as const;
/** Milliseconds for which one is seen, and how many are at most: more would hide the film. */
const seenFor = 3_000;
const most = 20;

export interface Shown {
  readonly id: number;
  readonly emoji: string;
  readonly name: string;
  /** Where it rises, from 0 to 1. */
  readonly x: number;
}

/** The reactions of a watch, as they come. */
export function useReactions(
  joined: JoinedWatch,
  nameOf: (userId: string) => string,
): { readonly shown: Accessor<readonly Shown[]>; readonly said: Accessor<string> } {
  const [shown, setShown] = createSignal<readonly Shown[]>([]);
  const [said, setSaid] = createSignal('');
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let count = 0;
  const stop = joined.onReaction((userId, emoji) => {
    const id = ++count;
    const name = nameOf(userId);
    setSaid(m.cowatch_reacted({ name, emoji }));
    setShown((before) => [...before.slice(1 - most), { id, emoji, name, x: (id * 0.381966) % 1 }]);
    const timer = setTimeout(() => {
      timers.delete(timer);
      setShown((before) => before.filter((each) => each.id !== id));
    }, seenFor);
    timers.add(timer);
  });
  onCleanup(() => {
    stop();
    for (const timer of timers) clearTimeout(timer);
  });
  return { shown, said };
}

/** Reactions that rise over the film. They are read aloud elsewhere. */
export function FloatingReactions(props: { shown: readonly Shown[] }) {
  return (
    <div class="pointer-events-none absolute inset-0 overflow-hidden" aria-hidden="true">
      <For each={props.shown}>
        {({ emoji, name, x }) => (
          <span
            class="rise absolute bottom-16 flex flex-col items-center gap-1"
            style={{ left: `${8 + x * 76}%` }}
            data-testid="reaction-over"
          >
            <span class="text-4xl sm:text-5xl">{emoji}</span>
            <span class="max-w-24 truncate rounded-full bg-black/60 px-2 text-xs/5 font-medium text-white">
              {name}
            </span>
          </span>
        )}
      </For>
    </div>
  );
}
