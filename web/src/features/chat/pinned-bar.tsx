import PinIcon from 'lucide-solid/icons/pin';
import X from 'lucide-solid/icons/x';
import { createMemo, createSignal, For, Show } from 'solid-js';
import { plain } from '../../engine/markdown.ts';
import type { Pin } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

/** What is pinned: the newest above the conversation, all of it a press away. */
export function PinnedBar(props: {
  pins: readonly Pin[];
  /** Whether the reader may still take one away. */
  enabled: boolean;
  onJump: (pin: Pin) => void;
  onUnpin: (pin: Pin) => void;
}) {
  const [all, setAll] = createSignal(false);
  const newest = createMemo(() => props.pins.at(-1));
  const go = (pin: Pin) => {
    setAll(false);
    props.onJump(pin);
  };
  return (
    <Show when={newest()}>
      {(pin) => (
        <div
          class="flex shrink-0 items-center gap-2 border-b border-line bg-canvas px-2 md:ps-5"
          data-testid="pinned"
        >
          <PinIcon class="ms-2 size-4 shrink-0 text-accent md:ms-0" />
          <button
            type="button"
            class="min-h-11 min-w-0 flex-1 rounded-lg px-2 text-start text-sm hover:bg-hover"
            onClick={() => go(pin())}
          >
            <span class="block truncate">
              <span class="sr-only">{m.chat_pinned()} </span>
              <span class="font-semibold">{pin().authorName}</span>{' '}
              <bdi class="text-muted">{plain(pin().text)}</bdi>
            </span>
          </button>
          <Show when={props.pins.length > 1}>
            <button
              type="button"
              class="min-h-11 shrink-0 rounded-lg px-3 text-sm font-semibold text-accent hover:bg-hover"
              onClick={() => setAll(true)}
            >
              {m.chat_allPins({ count: props.pins.length })}
            </button>
          </Show>
          <Show when={props.pins.length === 1 && props.enabled}>
            <IconButton label={m.chat_unpin()} tip="left" onClick={() => props.onUnpin(pin())}>
              <X class="size-4.5" />
            </IconButton>
          </Show>
          <Dialog open={all()} onOpenChange={setAll} title={m.chat_pins()} closeLabel={m.chat_close()}>
            <ul class="mt-4 flex flex-col gap-1">
              <For each={[...props.pins].reverse()}>
                {(each) => (
                  <li class="flex items-center gap-1">
                    <button
                      type="button"
                      class="min-h-13 min-w-0 flex-1 rounded-xl px-3 py-2 text-start hover:bg-hover"
                      onClick={() => go(each)}
                    >
                      <span class="block truncate text-[0.8125rem]/4.5 text-muted">
                        {m.chat_pinnedBy({ author: each.authorName, by: each.byName })}
                      </span>
                      <bdi class="line-clamp-2 text-[0.9375rem] wrap-anywhere">{plain(each.text)}</bdi>
                    </button>
                    <Show when={props.enabled}>
                      <IconButton label={m.chat_unpin()} tip="left" onClick={() => props.onUnpin(each)}>
                        <X class="size-4.5" />
                      </IconButton>
                    </Show>
                  </li>
                )}
              </For>
            </ul>
          </Dialog>
        </div>
      )}
    </Show>
  );
}
