import { For } from 'solid-js';
import type { Reaction } from '../../engine/types.ts';
import { m } from '../../language/index.ts';

/** Who gave it, the reader first. */
export const whoReacted = (reaction: Reaction): string =>
  [...(reaction.mine ? [m.chat_you()] : []), ...reaction.others].join(', ');

/** The emoji under a message; pressing one gives the same, or takes one's own away. */
export function Reactions(props: {
  reactions: readonly Reaction[];
  onReact: (emoji: string, on: boolean) => void;
}) {
  return (
    <ul class="mt-1 flex max-w-full flex-wrap gap-1" aria-label={m.chat_reactions()}>
      <For each={props.reactions}>
        {(reaction) => {
          const who = () => whoReacted(reaction);
          return (
            <li>
              <button
                type="button"
                class="flex h-7 items-center gap-1.5 rounded-full border px-2 text-sm tabular-nums pointer-coarse:h-9 pointer-coarse:px-2.5"
                classList={{
                  'border-accent bg-accent-soft': reaction.mine,
                  'border-line bg-raised hover:bg-hover': !reaction.mine,
                }}
                aria-pressed={reaction.mine}
                title={who()}
                onClick={() => props.onReact(reaction.emoji, !reaction.mine)}
                data-testid="reaction"
              >
                <span class="text-base/none">{reaction.emoji}</span>
                <span class="text-xs font-semibold text-muted">
                  {reaction.others.length + (reaction.mine ? 1 : 0)}
                </span>
                <span class="sr-only"> {m.chat_reactionBy({ who: who() })}</span>
              </button>
            </li>
          );
        }}
      </For>
    </ul>
  );
}
