import { createMemo, Show } from 'solid-js';
import { plain } from '../../engine/markdown.ts';
import type { Quote } from '../../engine/types.ts';
import { m } from '../../language/index.ts';

const words = ({ text, authorName }: Quote): string =>
  text === undefined ? (authorName ? m.chat_quoteGone() : m.chat_quoteEarlier()) : plain(text);

/** What a message answers; pressing it goes there. */
export function QuoteButton(props: { quote: Quote; onJump: (id: string) => void }) {
  const text = createMemo(() => words(props.quote));
  return (
    <button
      type="button"
      class="mb-1.5 flex w-full min-w-0 flex-col rounded-lg border-s-3 border-accent bg-hover px-2.5 py-1.5 text-start text-[0.8125rem]/4.5"
      onClick={() => props.onJump(props.quote.id)}
      data-testid="quote"
    >
      <span class="sr-only">{m.chat_inAnswerTo()} </span>
      <Show when={props.quote.authorName}>
        <span class="max-w-full truncate font-semibold text-accent">{props.quote.authorName}</span>
      </Show>
      <span class="line-clamp-2 wrap-anywhere text-muted" dir="auto">
        {text()}
      </span>
    </button>
  );
}
