import Check from 'lucide-solid/icons/check';
import Timer from 'lucide-solid/icons/timer';
import { For, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { formatLife } from '../../ui/format.ts';
import { Menu, MenuItem } from '../../ui/menu.tsx';

/** Seconds to choose from; 0: for good. */
const choices = [0, 5 * 60, 3_600, 8 * 3_600, 86_400, 7 * 86_400, 4 * 7 * 86_400];

const nameOf = (seconds: number): string => (seconds === 0 ? m.chat_staysForGood() : formatLife(seconds));

/** How long what is said from now on lasts. Everybody in the room may say so, and sees who did. */
export function TimerMenu(props: { lasts: number; class: string; onChoose: (seconds: number) => void }) {
  const all = () => (choices.includes(props.lasts) ? choices : [...choices, props.lasts]);
  return (
    <Menu
      class={props.class}
      placement="bottom-start"
      trigger={
        <>
          <span class="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-surface text-muted">
            <Timer class="size-4.5" />
          </span>
          <span class="min-w-0 flex-1">
            {m.chat_disappearing()}
            <span class="block truncate text-[0.8125rem]/4.5 text-muted" data-testid="timer">
              {props.lasts === 0 ? m.chat_off() : m.chat_after({ life: formatLife(props.lasts) })}
            </span>
          </span>
        </>
      }
    >
      <For each={all()}>
        {(seconds) => (
          <MenuItem
            icon={
              <Show when={seconds === props.lasts}>
                <Check class="size-4" />
              </Show>
            }
            onSelect={() => props.onChoose(seconds)}
          >
            {nameOf(seconds)}
          </MenuItem>
        )}
      </For>
    </Menu>
  );
}
