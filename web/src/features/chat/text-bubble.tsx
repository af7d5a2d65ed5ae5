import { createSignal, type JSX, onMount, Show } from 'solid-js';
import type { TextItem } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { formatDateTime } from '../../ui/format.ts';
import { ForwardedMark } from './forwarded-mark.tsx';
import { Meta } from './meta.tsx';
import { QuoteButton } from './quote.tsx';
import { RichText } from './rich-text.tsx';
import type { Row } from './rows.ts';
import { isEmojiOnly } from './text.ts';

/** The corner next to a neighbour of the same run is tighter. */
const corners = (row: Row, mine: boolean): string =>
  mine
    ? `${row.first ? '' : 'rounded-se-sm'} ${row.last ? '' : 'rounded-ee-sm'}`
    : `${row.first ? '' : 'rounded-ss-sm'} ${row.last ? '' : 'rounded-es-sm'}`;

/** A text in its bubble; a few emoji alone stand large and without one. */
export function TextBubble(props: { item: TextItem; row: Row; me: string; onJump: (id: string) => void }) {
  // One string: a class that changes would wipe out what classList had set.
  const look = () => {
    const { mine, state } = props.item;
    const ground = mine ? 'bg-accent-soft' : 'bg-surface';
    return `${ground} ${corners(props.row, mine)} ${state === 'failed' ? 'opacity-65' : ''}`;
  };
  const meta = () => props.row.last || props.item.state !== 'sent' || props.item.edited === true;
  return (
    <Show
      when={props.item.replyTo || props.item.forwarded || !isEmojiOnly(props.item.text)}
      fallback={
        <div class="flex items-end gap-2" classList={{ 'flex-row-reverse': props.item.mine }}>
          <p class="text-[2.5rem]/[1.2]">{props.item.text}</p>
          <Show when={meta()}>
            <Meta item={props.item} />
          </Show>
        </div>
      }
    >
      <div
        class={`relative max-w-full rounded-2xl px-3.5 py-2 text-base/[1.45] sm:text-[0.9375rem]/[1.5] ${look()}`}
        dir="auto"
        title={formatDateTime(props.item.at)}
      >
        <Show when={props.item.forwarded}>
          <ForwardedMark />
        </Show>
        <Show when={props.item.replyTo}>
          {(quote) => <QuoteButton quote={quote()} onJump={props.onJump} />}
        </Show>
        <Clamped long={props.item.text.length > 1200 || props.item.text.split('\n').length > 24}>
          <RichText
            text={props.item.text}
            mentions={props.item.mentions}
            me={props.me}
            // keeps room for the time on the last line, however the locale writes it
            end={
              <Show when={meta()}>
                <span class="invisible ms-2.5" aria-hidden="true">
                  <Meta item={props.item} />
                </span>
              </Show>
            }
          />
        </Clamped>
        <Show when={meta()}>
          <Meta item={props.item} class="absolute end-3.5 bottom-2" />
        </Show>
      </div>
    </Show>
  );
}

/** Very long texts are cut until asked for. */
function Clamped(props: { long: boolean; children: JSX.Element }) {
  const [open, setOpen] = createSignal(false);
  let box!: HTMLDivElement;
  onMount(() => {
    if (props.long && box.scrollHeight <= box.clientHeight) setOpen(true);
  });
  return (
    <>
      <div ref={box} classList={{ 'max-h-80 overflow-hidden fade-end': props.long && !open() }}>
        {props.children}
      </div>
      <Show when={props.long && !open()}>
        <button
          type="button"
          class="-ms-2 min-h-9 rounded-md px-2 font-semibold text-accent hover:bg-hover pointer-coarse:min-h-11"
          onClick={() => setOpen(true)}
        >
          {m.chat_showAll()}
        </button>
      </Show>
    </>
  );
}
