/** A field for a few sentences, with its name above. */
export function TextArea(props: {
  label: string;
  value: string;
  maxLength: number;
  onInput: (value: string) => void;
  class?: string;
  'data-testid'?: string;
}) {
  return (
    <label class={`block text-[0.9375rem] font-semibold ${props.class ?? ''}`}>
      {props.label}
      <textarea
        class="mt-1.5 block min-h-20 w-full resize-y rounded-lg border border-edge bg-raised px-3.5 py-2.5 text-base font-normal text-ink focus-visible:border-accent focus-visible:outline-offset-0"
        maxLength={props.maxLength}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        data-testid={props['data-testid']}
      />
    </label>
  );
}
