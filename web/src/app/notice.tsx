import type { ParentProps } from 'solid-js';
import { Button } from '../ui/button.tsx';

/** A card at the bottom of whatever is shown: the service or the app itself has something to say. */
export function Notice(
  props: ParentProps<{
    role: 'alert' | 'status';
    title: string;
    text: string;
    close: string;
    testId: string;
    onClose: () => void;
  }>,
) {
  return (
    <section
      role={props.role}
      class="fixed inset-x-3 bottom-3 z-60 mx-auto max-w-md rounded-2xl border border-line bg-raised px-4 pt-2 pb-4 shadow-float"
      data-testid={props.testId}
    >
      <div class="flex items-start gap-2">
        <p class="flex-1 py-2.5 font-semibold text-balance">{props.title}</p>
        <Button variant="quiet" class="-me-2" onClick={props.onClose} data-testid={`${props.testId}-close`}>
          {props.close}
        </Button>
      </div>
      <p class="text-[0.9375rem]/6 text-pretty text-muted">{props.text}</p>
      {props.children}
    </section>
  );
}
