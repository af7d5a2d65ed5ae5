import { createUniqueId } from 'solid-js';

/** Something that is on or off at once, with its name and what it means. */
export function Switch(props: {
  label: string;
  hint?: string;
  on: boolean;
  onChange: (on: boolean) => void;
  'data-testid'?: string;
}) {
  const id = createUniqueId();
  return (
    <label class="flex min-h-11 cursor-pointer items-center gap-4">
      <span class="min-w-0 flex-1">
        <span class="block font-semibold">{props.label}</span>
        <span id={id} class="block text-[0.9375rem]/5.5 text-pretty text-muted">
          {props.hint}
        </span>
      </span>
      <input
        type="checkbox"
        role="switch"
        class="switch shrink-0"
        aria-describedby={id}
        data-testid={props['data-testid']}
        aria-checked={props.on}
        checked={props.on}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
    </label>
  );
}
