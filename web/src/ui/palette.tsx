import { Dialog as Kobalte } from '@kobalte/core/dialog';
import type { JSX } from 'solid-js';
import { onCloseRequest } from './close-request.ts';
import { focusOver } from './focus-over.ts';

/** A box to type into over the page, with what it finds below: near the top of a desktop, all of a phone. */
export function Palette(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Its name, read aloud. */
  label: string;
  children: JSX.Element;
}) {
  const focus = focusOver();
  onCloseRequest(
    () => props.open,
    () => props.onOpenChange(false),
  );
  return (
    <Kobalte open={props.open} onOpenChange={props.onOpenChange}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="fixed inset-0 z-40 bg-scrim" />
        <div class="fixed inset-x-0 top-0 z-50 flex h-(--app-height,100dvh) justify-center sm:items-start sm:p-6 sm:pt-[10vh]">
          <Kobalte.Content
            {...focus}
            class="float-in flex h-full w-full flex-col bg-raised pt-[env(safe-area-inset-top)] shadow-float outline-none sm:h-auto sm:max-h-[75vh] sm:max-w-xl sm:rounded-2xl sm:pt-0"
            aria-label={props.label}
          >
            {props.children}
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte>
  );
}
