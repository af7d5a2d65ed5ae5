import { createUniqueId, type JSX, Show, splitProps } from 'solid-js';

export interface TextFieldProps extends Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'onInput'> {
  label: string;
  hint?: string | undefined;
  /** What is wrong, as a sentence; read out when it appears. */
  problem?: string | undefined;
  onInput?: (value: string) => void;
  /** A control at the end of the field, such as "show password". */
  end?: JSX.Element;
}

/** A labelled line of text with its hint and its problem. */
export function TextField(props: TextFieldProps) {
  const id = createUniqueId();
  const [own, rest] = splitProps(props, ['label', 'hint', 'problem', 'onInput', 'end', 'class']);
  return (
    <div class={own.class}>
      <label for={id} class="mb-1.5 block text-[0.9375rem] font-semibold">
        {own.label}
      </label>
      <div class="relative">
        <input
          {...rest}
          id={id}
          class="block h-12 w-full rounded-lg border border-edge bg-raised px-3.5 text-base text-ink placeholder:text-muted focus-visible:border-accent focus-visible:outline-offset-0 aria-invalid:border-danger"
          classList={{ 'pe-13': own.end !== undefined }}
          aria-invalid={own.problem ? true : undefined}
          aria-describedby={own.problem || own.hint ? `${id}-note` : undefined}
          onInput={(event) => own.onInput?.(event.currentTarget.value)}
        />
        <Show when={own.end}>
          <div class="absolute inset-y-0 end-0.5 flex items-center">{own.end}</div>
        </Show>
      </div>
      <div id={`${id}-note`} aria-live="polite" class="text-sm/5">
        <Show
          when={own.problem}
          fallback={<Show when={own.hint}>{<p class="mt-1.5 text-muted">{own.hint}</p>}</Show>}
        >
          <p class="mt-1.5 text-danger">{own.problem}</p>
        </Show>
      </div>
    </div>
  );
}
