import { createResource, createSignal, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { createMoment } from '../../ui/moment.ts';
import { Loaded } from './loaded.tsx';
import { PasswordForm } from './password-form.tsx';
import { Section } from './section.tsx';
import { strings } from './strings.ts';

/** The code that opens the account when the password is forgotten. */
export function RecoverySection() {
  const engine = useEngine();
  const [has, { mutate, refetch }] = createResource(() => engine.hasRecoveryCode());
  const [making, setMaking] = createSignal(false);
  const [code, setCode] = createSignal<string>();
  const [dropping, setDropping] = createSignal(false);
  const close = () => {
    setMaking(false);
    setCode(undefined);
  };

  return (
    <Section title={strings.recovery} text={strings.recoveryText}>
      <Loaded resource={has} onRetry={() => void refetch()}>
        {(on) => (
          <>
            <p class="mb-3 text-[0.9375rem] font-semibold" data-testid="recovery-state">
              {on() ? strings.hasCode : strings.noCode}
            </p>
            <div class="flex flex-wrap gap-2.5">
              <Button onClick={() => setMaking(true)} data-testid="make-code">
                {on() ? strings.replaceCode : strings.makeCode}
              </Button>
              <Show when={on()}>
                <Button variant="quiet" class="text-danger" onClick={() => setDropping(true)}>
                  {strings.dropCode}
                </Button>
              </Show>
            </div>
          </>
        )}
      </Loaded>
      <Dialog
        open={making()}
        onOpenChange={(open) => !open && close()}
        title={code() ? strings.codeTitle : strings.makeCodeTitle}
        description={code() ? strings.codeText : strings.makeCodeText}
        closeLabel={strings.close}
      >
        <Show
          when={code()}
          fallback={
            <PasswordForm
              submitLabel={strings.make}
              field="code-password"
              task={async (password, work) => {
                const made = await engine.makeRecoveryCode(password, work);
                mutate(true);
                setCode(made);
              }}
              onCancel={close}
            />
          }
        >
          {(made) => <Code code={made()} onKept={close} />}
        </Show>
      </Dialog>
      <Confirm
        open={dropping()}
        onClose={() => setDropping(false)}
        title={strings.dropTitle}
        description={strings.dropText}
        confirmLabel={strings.dropCode}
        cancelLabel={strings.keepCode}
        explain={sentence}
        onConfirm={async () => {
          await engine.dropRecoveryCode();
          mutate(false);
        }}
      />
    </Section>
  );
}

function Code(props: { code: string; onKept: () => void }) {
  const [copied, setCopied] = createMoment();
  const copy = async () => {
    await navigator.clipboard.writeText(props.code);
    setCopied(true);
  };
  return (
    <>
      <output
        class="printable mt-5 block rounded-xl bg-surface px-4 py-5 text-center font-mono text-xl/9 tracking-wide break-words select-all"
        data-testid="recovery-code"
      >
        {props.code}
      </output>
      <DialogActions>
        <Button onClick={() => window.print()}>{strings.print}</Button>
        <Button onClick={() => void copy()}>{copied() ? strings.copied : strings.copy}</Button>
        <Button variant="primary" onClick={props.onKept} data-testid="kept">
          {strings.kept}
        </Button>
      </DialogActions>
    </>
  );
}
