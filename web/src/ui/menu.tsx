import { DropdownMenu } from '@kobalte/core/dropdown-menu';
import Check from 'lucide-solid/icons/check';
import { type JSX, Show } from 'solid-js';

export interface MenuProps {
  /** The button that opens it. `class` and `label` are its own; one with words of its own needs no label. */
  trigger: JSX.Element;
  label?: string;
  class?: string;
  tip?: boolean;
  /** Where it opens, in floating-ui's words. */
  placement?: 'bottom-end' | 'bottom-start' | 'top-start' | 'top-end';
  /** Where it is put into the page, when that is not its end: what fills the screen shows only what is in it. */
  mount?: Node | undefined;
  /** Whether it is open, where something beside its button opens it too. */
  open?: boolean;
  onOpen?: (open: boolean) => void;
  children: JSX.Element;
}

/** A menu of actions. */
export function Menu(props: MenuProps) {
  return (
    <DropdownMenu
      placement={props.placement ?? 'bottom-end'}
      gutter={6}
      modal={false}
      {...(props.open !== undefined && { open: props.open })}
      onOpenChange={(open) => props.onOpen?.(open)}
    >
      <DropdownMenu.Trigger
        class={props.class ?? ''}
        aria-label={props.label}
        data-tip={props.tip ? props.label : undefined}
      >
        {props.trigger}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal mount={props.mount ?? document.body}>
        <DropdownMenu.Content class="float-in z-50 max-h-(--kb-popper-content-available-height) max-w-[min(20rem,calc(100vw-2rem))] min-w-52 overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-float outline-none">
          {props.children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}

const item =
  'flex min-h-11 items-center gap-3 rounded-md px-3 text-[0.9375rem] outline-none select-none data-highlighted:bg-hover data-highlighted:outline-none';

/** One action of a menu. */
export function MenuItem(props: {
  onSelect: () => void;
  danger?: boolean;
  icon?: JSX.Element;
  children: JSX.Element;
}) {
  return (
    <DropdownMenu.Item
      class={`${item} ${props.danger ? 'text-danger' : ''}`}
      onSelect={() => props.onSelect()}
    >
      <Show when={props.icon}>
        <span class="flex w-5 justify-center opacity-80">{props.icon}</span>
      </Show>
      {props.children}
    </DropdownMenu.Item>
  );
}

/** Small actions side by side. */
export function MenuRow(props: { label: string; children: JSX.Element }) {
  return (
    <DropdownMenu.Group class="flex justify-between gap-0.5" aria-label={props.label}>
      {props.children}
    </DropdownMenu.Group>
  );
}

/** One of them; `label` is read aloud. One that `stays` leaves the menu open, to be pressed again. */
export function MenuRowItem(props: {
  label: string;
  pressed: boolean;
  stays?: boolean;
  onSelect: () => void;
  children: JSX.Element;
}) {
  return (
    <DropdownMenu.Item
      class="flex size-11 items-center justify-center rounded-lg text-2xl outline-none select-none data-highlighted:bg-hover"
      classList={{ 'bg-accent-soft': props.pressed }}
      aria-label={props.label}
      textValue={props.label}
      closeOnSelect={!props.stays}
      onSelect={() => props.onSelect()}
    >
      {props.children}
    </DropdownMenu.Item>
  );
}

/** One of several choices inside a `MenuChoices`. */
export function MenuChoice(props: { value: string; children: JSX.Element }) {
  return (
    <DropdownMenu.RadioItem class={item} value={props.value} closeOnSelect={false}>
      <span class="flex w-5 justify-center">
        <DropdownMenu.ItemIndicator>
          <Check class="size-4" />
        </DropdownMenu.ItemIndicator>
      </span>
      {props.children}
    </DropdownMenu.RadioItem>
  );
}

/** Choices of which one is taken. */
export function MenuChoices(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: JSX.Element;
}) {
  return (
    <DropdownMenu.RadioGroup value={props.value} onChange={props.onChange} aria-label={props.label}>
      <p class="px-3 pt-2 pb-1 text-[0.8125rem] text-muted">{props.label}</p>
      {props.children}
    </DropdownMenu.RadioGroup>
  );
}

/** Something to read below the actions. */
export function MenuNote(props: { children: JSX.Element }) {
  return <p class="px-3 py-1 text-[0.8125rem]/5 wrap-anywhere text-muted">{props.children}</p>;
}

export function MenuLine() {
  return <DropdownMenu.Separator class="mx-3 my-1.5 border-line" />;
}
