import Laptop from 'lucide-solid/icons/laptop';
import Smartphone from 'lucide-solid/icons/smartphone';
import { type JSX, Show } from 'solid-js';
import { now } from '../../ui/clock.ts';
import { formatDay } from '../../ui/format.ts';

const isPhone = (name: string) => /phone|android|ipad|tablet/i.test(name);

/** The day of a moment, as people say it now. */
export const day = (at: number) => formatDay(at, now());

/** A device in a list, or what it does there: its name, a mark that says it is this one in place of the text, and what can be done. */
export function DeviceRow(props: {
  name: string;
  mark: string | undefined;
  text: string;
  children: JSX.Element;
}) {
  return (
    <li class="flex min-h-16 items-center gap-3.5 py-2">
      <span class="flex size-10 shrink-0 items-center justify-center rounded-full bg-surface text-muted">
        <Show when={isPhone(props.name)} fallback={<Laptop class="size-5" />}>
          <Smartphone class="size-5" />
        </Show>
      </span>
      <span class="min-w-0 flex-1">
        <span class="block truncate font-semibold">{props.name}</span>
        <span class="block text-sm/5 text-muted">
          <Show when={props.mark} fallback={props.text}>
            {(mark) => <span class="font-semibold text-accent">{mark()}</span>}
          </Show>
        </span>
      </span>
      {props.children}
    </li>
  );
}
