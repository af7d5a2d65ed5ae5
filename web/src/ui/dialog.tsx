import { Dialog as Kobalte } from '@kobalte/core/dialog';
import X from 'lucide-solid/icons/x';
import { type Accessor, createContext, createSignal, type JSX, onCleanup, Show, useContext } from 'solid-js';
import { iconButton } from './button.tsx';
import { onCloseRequest } from './close-request.ts';
import { focusOver } from './focus-over.ts';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string | undefined;
  /** Name of the closing cross, in the reader's language. */
  closeLabel: string;
  /** For something to look at, rather than a question. */
  wide?: boolean;
  children: JSX.Element;
}

const Hold = createContext<(by: Accessor<boolean>) => void>();
const free = () => false;

/** The dialog around the caller stays open while `busy`: what is under way can't be given up, and its answer is to be read. */
export function holdDialog(busy: Accessor<boolean>): void {
  const hold = useContext(Hold);
  hold?.(busy);
  onCleanup(() => hold?.(free));
}

/** A question or a small task over the page: centred on a desktop, from the bottom edge on a phone. */
export function Dialog(props: DialogProps) {
  const focus = focusOver();
  const [held, setHeld] = createSignal(free);
  const change = (open: boolean) => {
    if (open || !held()()) props.onOpenChange(open);
  };
  onCloseRequest(
    () => props.open,
    () => change(false),
  );
  return (
    // Nothing behind it scrolls by the page's root, which is left as ui/base.css has it.
    <Kobalte open={props.open} onOpenChange={change} preventScroll={false}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="fixed inset-0 z-40 bg-scrim" />
        <div class="fixed inset-x-0 top-0 z-50 flex h-(--app-height,100dvh) items-end justify-center sm:items-center sm:p-6">
          <Kobalte.Content
            {...focus}
            class="sheet-in sm:float-in flex max-h-full w-full flex-col overflow-y-auto rounded-t-3xl bg-raised p-6 pb-[max(1.5rem,env(safe-area-inset-bottom))] shadow-float sm:rounded-3xl sm:p-7"
            classList={{ 'sm:max-w-md': !props.wide, 'sm:max-w-4xl': props.wide ?? false }}
          >
            <div class="flex items-start gap-4">
              <Kobalte.Title class="flex-1 text-xl/7 font-semibold tracking-tight text-balance wrap-anywhere">
                {props.title}
              </Kobalte.Title>
              <Kobalte.CloseButton
                class={`${iconButton('none')} -mt-2 -me-2.5 aria-disabled:opacity-40`}
                aria-disabled={held()()}
                aria-label={props.closeLabel}
              >
                <X class="size-5" />
              </Kobalte.CloseButton>
            </div>
            <Show when={props.description}>
              <Kobalte.Description class="mt-1.5 text-[0.9375rem]/6 text-pretty text-muted">
                {props.description}
              </Kobalte.Description>
            </Show>
            <Hold.Provider value={(by) => setHeld(() => by)}>{props.children}</Hold.Provider>
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte>
  );
}

/** The row of buttons that ends a dialog; the main one last, on a phone on top. */
export function DialogActions(props: { children: JSX.Element }) {
  return <div class="mt-6 flex flex-col-reverse gap-2.5 sm:flex-row sm:justify-end">{props.children}</div>;
}
