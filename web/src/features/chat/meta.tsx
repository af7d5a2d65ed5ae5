import Clock from 'lucide-solid/icons/clock';
import Timer from 'lucide-solid/icons/timer';
import { Match, Show, Switch } from 'solid-js';
import type { FileItem, TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { formatTime } from '../../ui/format.ts';

/** The time, and for one's own messages how far they have come. */
export function Meta(props: { item: TextItem | FileItem; class?: string }) {
  return (
    <span
      class={`inline-flex items-center gap-1 text-[0.6875rem]/4 text-muted tabular-nums select-none ${props.class ?? ''}`}
    >
      <Show when={props.item.kind === 'text' && props.item.edited}>
        <span>{m.chat_edited()}</span>
      </Show>
      <Show when={props.item.expiresAt}>
        <Timer class="size-3" aria-label={m.chat_disappears()} data-testid="disappears" />
      </Show>
      <time dir="auto" dateTime={new Date(props.item.at).toISOString()}>
        {formatTime(props.item.at)}
      </time>
      <Show when={props.item.mine}>
        <Switch>
          <Match when={props.item.state === 'waiting'}>
            <Clock class="size-3" aria-label={m.chat_waiting()} />
          </Match>
          <Match when={props.item.state === 'sent'}>
            <Tick />
          </Match>
        </Switch>
      </Show>
    </span>
  );
}

function Tick() {
  return (
    <svg
      viewBox="0 0 12 12"
      class="size-3"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      role="img"
      aria-label={m.chat_sent()}
    >
      <path d="m2 6.5 2.75 2.75L10 3.25" />
    </svg>
  );
}
