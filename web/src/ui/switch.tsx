import { createUniqueId, Show } from 'solid-js';

/** Something that is on or off, with its words; the whole line can be pressed. */
export function Switch(props: {
  label: string;
  hint?: string | undefined;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
  testId?: string;
}) {
  const id = createUniqueId();
  return (
    <label class="flex min-h-14 cursor-pointer items-center gap-4 py-2.5 has-disabled:cursor-default has-disabled:opacity-50">
      <span class="min-w-0 flex-1">
        <span class="block text-[0.9375rem]/6 font-semibold">{props.label}</span>
        <Show when={props.hint}>
          <span id={`${id}-hint`} class="block text-sm/5 text-pretty text-muted">
            {props.hint}
          </span>
        </Show>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={props.on}
        class="switch"
        checked={props.on}
        disabled={props.disabled}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        aria-label={props.label}
        data-testid={props.testId}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
    </label>
  );
}
