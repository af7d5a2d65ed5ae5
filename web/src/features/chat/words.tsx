import { createMemo, For, Show } from 'solid-js';
import { type Mention, mentioned } from '../../engine/rooms/mentions.ts';
import type { TextItem } from '../../engine/types.ts';

type Named = NonNullable<TextItem['mentions']>;

/** Plain words in which whom they name stands out; most of all the reader. */
export function Words(props: { text: string; mentions: Named | undefined; me: string }) {
  const pieces = createMemo(() => {
    const out: { text: string; mention?: Mention }[] = [];
    let from = 0;
    for (const mention of mentioned(props.text, props.mentions ?? [])) {
      // Two of one name stand in one place.
      if (mention.begin < from) continue;
      out.push({ text: props.text.slice(from, mention.begin) });
      out.push({ text: props.text.slice(mention.begin, mention.end), mention });
      from = mention.end;
    }
    out.push({ text: props.text.slice(from) });
    return out;
  });
  return (
    <Show when={props.mentions} fallback={props.text}>
      <For each={pieces()}>
        {({ text, mention }) => (
          <Show when={mention} fallback={text}>
            {(named) => (
              <span
                class="rounded-md font-semibold text-accent"
                classList={{ 'bg-accent px-1 text-on-accent': named().id === props.me }}
                data-testid="mention"
              >
                {text}
              </span>
            )}
          </Show>
        )}
      </For>
    </Show>
  );
}
