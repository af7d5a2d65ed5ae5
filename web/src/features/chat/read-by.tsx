import { createSignal, For, Show } from 'solid-js';
import { useFaces } from '../../engine/solid/faces.tsx';
import type { TimelineItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { formatList } from '../../ui/format.ts';

/** As many faces as are told apart at a glance. */
const most = 6;

/** Who has read up to here: their faces, and by a press their names. */
export function ReadBy(props: { people: NonNullable<TimelineItem['readBy']> }) {
  const faces = useFaces();
  const [named, setNamed] = createSignal(false);
  const words = () => m.chat_readBy({ names: formatList(props.people.map(({ name }) => name)) });
  return (
    <button
      type="button"
      class="ms-auto flex min-h-6 max-w-full items-center gap-1.5 rounded-full px-1 text-xs text-muted hover:bg-hover"
      aria-label={words()}
      aria-expanded={named()}
      title={words()}
      onClick={() => setNamed((before) => !before)}
      data-testid="read-by"
    >
      <Show when={named()}>
        <span class="min-w-0 text-end text-pretty">{words()}</span>
      </Show>
      <span class="flex shrink-0 -space-x-1">
        <For each={props.people.slice(0, most)}>
          {({ id, name }) => (
            <Avatar
              id={id}
              name={name}
              picture={faces(id)}
              class="size-4 text-[0.4375rem]/none ring-2 ring-surface"
            />
          )}
        </For>
      </span>
      <Show when={props.people.length > most}>
        <span class="tabular-nums">+{props.people.length - most}</span>
      </Show>
    </button>
  );
}
