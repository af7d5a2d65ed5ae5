/** Turns while something is on its way. `label` is what a screen reader says; leave it out beside a text that says it. */
export function Spinner(props: { class?: string; label?: string }) {
  return (
    <svg
      viewBox="0 0 20 20"
      class={`animate-spin ${props.class ?? 'size-5'}`}
      fill="none"
      stroke="currentColor"
      stroke-width="2.25"
      stroke-linecap="round"
      role={props.label ? 'img' : undefined}
      aria-label={props.label}
      aria-hidden={props.label ? undefined : 'true'}
    >
      <circle cx="10" cy="10" r="7.5" class="opacity-20" />
      <path d="M10 2.5a7.5 7.5 0 0 1 7.5 7.5" />
    </svg>
  );
}
