/** The drop: a bubble, a stream and a play arrow in one shape. Decorative; its neighbour text names it. */
export function Mark(props: { class?: string }) {
  return (
    <svg viewBox="0 0 32 32" class={props.class} fill="currentColor" aria-hidden="true">
      <path d="M29.81 13.97a2.86 2.86 0 0 1 0 4.07L22.79 24.96A12.6 12.6 0 1 1 22.79 7.04z" />
    </svg>
  );
}
