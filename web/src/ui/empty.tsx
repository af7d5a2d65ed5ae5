import { type JSX, Show } from 'solid-js';
import { Dynamic } from 'solid-js/web';

/** What stands where there is nothing: says so, and what to do next. */
export function Empty(props: {
  icon?: JSX.Element;
  title: string;
  text?: string | undefined;
  /** It is all that the page has: its title is the page's. */
  alone?: boolean;
  children?: JSX.Element;
}) {
  return (
    <div class="flex h-full min-h-64 flex-col items-center justify-center px-6 py-10 text-center">
      <Show when={props.icon}>
        <div class="mb-5 text-accent">{props.icon}</div>
      </Show>
      <Dynamic
        component={props.alone ? 'h1' : 'h2'}
        class="max-w-sm text-xl/7 font-semibold tracking-tight text-balance"
      >
        {props.title}
      </Dynamic>
      <Show when={props.text}>
        <p class="mt-2 max-w-sm text-[0.9375rem]/6 text-pretty text-muted">{props.text}</p>
      </Show>
      <Show when={props.children}>
        <div class="mt-6 flex flex-wrap justify-center gap-2.5">{props.children}</div>
      </Show>
    </div>
  );
}
