import type { JSX } from 'solid-js';

/** A line above a conversation: something goes on there, which one may join by the buttons inside. */
export function Ongoing(props: { label: string; text: JSX.Element; testId: string; children: JSX.Element }) {
  return (
    <section
      aria-label={props.label}
      class="flex shrink-0 items-center gap-3 border-b border-line bg-accent-soft py-2 pe-2 ps-4 sm:px-6"
      data-testid={props.testId}
    >
      <p role="status" class="min-w-0 flex-1 text-[0.9375rem]/5 font-medium text-pretty">
        {props.text}
      </p>
      {props.children}
    </section>
  );
}
