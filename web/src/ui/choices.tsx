import { createUniqueId, For } from 'solid-js';

/** A few choices side by side, of which one holds. */
export function Choices<T extends string>(props: {
  label: string;
  value: T;
  choices: readonly (readonly [value: T, label: string])[];
  onChange: (value: T) => void;
  testId?: string;
}) {
  const name = createUniqueId();
  return (
    <fieldset class="min-w-0 py-2.5" data-testid={props.testId}>
      <legend class="float-left mb-2 w-full text-[0.9375rem]/6 font-semibold">{props.label}</legend>
      <div class="clear-both flex max-w-md flex-wrap rounded-lg bg-surface p-1">
        <For each={props.choices}>
          {([value, label]) => (
            // The button itself is hidden within it: elsewhere, far below, whatever has it in sight would scroll the page's root away.
            <label class="relative flex min-h-11 flex-1 cursor-pointer items-center justify-center rounded-md px-2 text-center text-[0.9375rem]/5 text-muted transition-colors hover:text-ink has-checked:bg-accent-soft has-checked:font-semibold has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent">
              <input
                type="radio"
                class="sr-only"
                name={name}
                value={value}
                checked={props.value === value}
                onChange={() => props.onChange(value)}
              />
              {label}
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
