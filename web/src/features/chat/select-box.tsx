import { onMount } from 'solid-js';

/** Covers a message while several are selected: a tap anywhere on it, or the space bar, takes it in or lets it go. */
export function SelectBox(props: { label: string; on: boolean; onToggle: (range: boolean) => void }) {
  let box!: HTMLInputElement;
  let range = false;
  // The menu by which selecting began has closed, and with it what had the focus.
  onMount(() => {
    if (props.on) requestAnimationFrame(() => box.focus({ preventScroll: true }));
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const boxes = [...(box.closest('[role=log]')?.querySelectorAll<HTMLInputElement>('[data-select]') ?? [])];
    boxes[boxes.indexOf(box) + step]?.focus();
  };
  return (
    <label class="absolute inset-0 z-10 cursor-pointer select-none">
      <span class="sr-only">{props.label}</span>
      <input
        ref={box}
        type="checkbox"
        class="absolute start-2.5 top-1/2 size-5 -translate-y-1/2 accent-accent"
        checked={props.on}
        data-select
        data-testid="select"
        onClick={(event) => {
          range = event.shiftKey;
        }}
        onChange={() => {
          props.onToggle(range);
          // Within a range it may have been on before.
          box.checked = props.on;
        }}
        onKeyDown={onKeyDown}
      />
    </label>
  );
}
