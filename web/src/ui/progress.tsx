/** How far something is, from 0 to 1; a thin line. */
export function Progress(props: { value: number; label: string }) {
  return (
    <progress
      class="progress-line block h-1.5 w-full overflow-hidden rounded-full"
      value={props.value}
      max={1}
      aria-label={props.label}
    />
  );
}
