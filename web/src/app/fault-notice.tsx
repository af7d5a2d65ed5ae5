import { Show } from 'solid-js';
import { dismissFault, faults } from '../engine/faults.ts';
import { useObservable } from '../engine/solid/observable.ts';
import { m } from '../language/index.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Notice } from './notice.tsx';

/** Says that the service has made a mistake, with the number by which whoever runs it finds what happened. */
export function FaultNotice() {
  const fault = useObservable(() => faults);
  return (
    <Show when={fault()} keyed>
      {({ number }) => (
        <Notice
          role="alert"
          title={m.app_fault_title()}
          text={m.app_fault_text()}
          close={m.app_fault_close()}
          testId="fault"
          onClose={dismissFault}
        >
          <FaultNumber number={number} />
        </Notice>
      )}
    </Show>
  );
}

/** The number, to be read out or copied. */
export function FaultNumber(props: { number: string }) {
  return (
    <div class="mt-3 flex items-center gap-3 rounded-lg bg-surface py-1 ps-3 pe-1 text-start">
      <code class="min-w-0 flex-1 font-mono text-[0.8125rem] break-all select-all" data-testid="fault-number">
        {props.number}
      </code>
      <CopyButton
        variant="quiet"
        class="max-w-40 shrink-0"
        text={props.number}
        label={m.app_fault_copy()}
        done={m.app_fault_copied()}
        refused={m.app_fault_copyRefused()}
        data-testid="fault-copy"
      />
    </div>
  );
}
