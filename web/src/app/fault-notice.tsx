import { Show } from 'solid-js';
import { dismissFault, faults } from '../engine/faults.ts';
import { useObservable } from '../engine/solid/observable.ts';
import { m } from '../language/index.ts';
import { Button } from '../ui/button.tsx';
import { createMoment } from '../ui/moment.ts';

/** Says that the service has made a mistake, with the number by which whoever runs it finds what happened. */
export function FaultNotice() {
  const fault = useObservable(() => faults);
  return (
    <Show when={fault()} keyed>
      {({ number }) => (
        <section
          role="alert"
          class="fixed inset-x-3 bottom-3 z-60 mx-auto max-w-md rounded-2xl border border-line bg-raised px-4 pt-2 pb-4 shadow-float"
          data-testid="fault"
        >
          <div class="flex items-start gap-2">
            <p class="flex-1 py-2.5 font-semibold text-balance">{m.app_fault_title()}</p>
            <Button variant="quiet" class="-me-2" onClick={dismissFault} data-testid="fault-close">
              {m.app_fault_close()}
            </Button>
          </div>
          <p class="text-[0.9375rem]/6 text-pretty text-muted">{m.app_fault_text()}</p>
          <FaultNumber number={number} />
        </section>
      )}
    </Show>
  );
}

/** The number, to be read out or copied. */
export function FaultNumber(props: { number: string }) {
  const [copied, setCopied] = createMoment();
  // Where copying is forbidden, the number can still be selected.
  const copy = () =>
    navigator.clipboard.writeText(props.number).then(
      () => setCopied(true),
      () => undefined,
    );
  return (
    <div class="mt-3 flex items-center gap-3 rounded-lg bg-surface py-1 ps-3 pe-1 text-start">
      <code class="min-w-0 flex-1 font-mono text-[0.8125rem] break-all select-all" data-testid="fault-number">
        {props.number}
      </code>
      <Button variant="quiet" class="shrink-0" onClick={copy} data-testid="fault-copy">
        {copied() ? m.app_fault_copied() : m.app_fault_copy()}
      </Button>
    </div>
  );
}
