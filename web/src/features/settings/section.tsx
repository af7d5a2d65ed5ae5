import { type JSX, Show } from 'solid-js';

/** One subject of the settings: its name, what it is for, and what can be done. */
export function Section(props: { title: string; text: string; children: JSX.Element }) {
  return (
    <section class="border-t border-line py-7">
      <h2 class="text-lg/6 font-semibold tracking-tight">{props.title}</h2>
      <p class="mt-1 max-w-prose text-[0.9375rem]/6 text-pretty text-muted">{props.text}</p>
      <div class="mt-4">{props.children}</div>
    </section>
  );
}

/** Something that went well, or didn't. */
export function Note(props: { good?: string | undefined; bad?: string | undefined }) {
  return (
    <div aria-live="polite">
      <Show when={props.good}>
        <p class="mt-3 text-sm/5 text-accent">{props.good}</p>
      </Show>
      <Show when={props.bad}>
        <p class="mt-3 text-sm/5 text-danger">{props.bad}</p>
      </Show>
    </div>
  );
}
