/** The drop: a bubble, a stream and a play arrow in one shape. Decorative; its neighbour text names it. */
export function Mark(props: { class?: string }) {
  return (
    <svg viewBox="0 0 32 32" class={props.class} fill="currentColor" aria-hidden="true">
      <path d="M28.93 14.7a1.6 1.6 0 0 1 0 2.6l-9.8 7a10.2 10.2 0 1 1 0-16.6z" />
    </svg>
  );
}
