import { type JSX, Show, splitProps } from 'solid-js';
import { Spinner } from './spinner.tsx';

type Variant = 'primary' | 'outline' | 'quiet' | 'danger';

const variants: Record<Variant, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover',
  outline: 'border border-line bg-raised text-ink hover:bg-hover',
  quiet: 'text-ink hover:bg-hover',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover',
};

const base =
  'inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 font-semibold transition-colors select-none disabled:opacity-50';

export interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: Variant;
  /** Shows that it is being done; the button keeps its size, stays focused and takes no second press. */
  busy?: boolean;
  /** Takes no press for now. Unlike a `disabled` one it stays focused, and is found by a keyboard. */
  unavailable?: boolean;
}

/** A button with words. */
export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, [
    'variant',
    'busy',
    'unavailable',
    'class',
    'children',
    'onClick',
    'type',
  ]);
  const press: JSX.EventHandler<HTMLButtonElement, MouseEvent> = (event) => {
    if (own.busy || own.unavailable) return event.preventDefault();
    if (typeof own.onClick === 'function') own.onClick(event);
  };
  return (
    <button
      {...rest}
      type={own.type ?? 'button'}
      class={`${base} ${variants[own.variant ?? 'outline']} ${own.unavailable ? 'opacity-50' : ''} ${own.class ?? ''}`}
      aria-busy={own.busy}
      aria-disabled={own.busy || own.unavailable}
      onClick={press}
    >
      <Show when={own.busy}>
        <Spinner class="size-4" />
      </Show>
      {own.children}
    </button>
  );
}

export interface IconButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does; read aloud, and shown on hover. */
  label: string;
  tip?: 'below' | 'left' | 'above' | 'none';
}

const tips = { below: 'tip', left: 'tip tip-left', above: 'tip tip-above', none: '' };

/** The classes of an icon button, for primitives that bring their own element. */
export const iconButton = (tip: keyof typeof tips = 'below'): string =>
  `${tips[tip]} inline-flex size-11 shrink-0 items-center justify-center rounded-lg text-muted transition-colors hover:bg-hover hover:text-ink disabled:opacity-40`;

/** A button with an icon only. */
export function IconButton(props: IconButtonProps) {
  const [own, rest] = splitProps(props, ['label', 'tip', 'class', 'type']);
  return (
    <button
      {...rest}
      type={own.type ?? 'button'}
      aria-label={own.label}
      data-tip={own.label}
      class={`${iconButton(own.tip)} ${own.class ?? ''}`}
    />
  );
}
