import { createResource, createSignal, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { Loaded } from './loaded.tsx';
import { PasswordForm } from './password-form.tsx';
import { Section } from './section.tsx';

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
    <Section title={m.settings_recovery()} text={m.settings_recoveryText()}>
      <Loaded resource={has} onRetry={() => void refetch()}>
        {(on) => (
          <>
            <p class="mb-3 text-[0.9375rem] font-semibold" data-testid="recovery-state">
              {on() ? m.settings_hasCode() : m.settings_noCode()}
            </p>
            <div class="flex flex-wrap gap-2.5">
              <Button onClick={() => setMaking(true)} data-testid="make-code">
                {on() ? m.settings_replaceCode() : m.settings_makeCode()}
              </Button>
              <Show when={on()}>
                <Button variant="quiet" class="text-danger" onClick={() => setDropping(true)}>
                  {m.settings_dropCode()}
                </Button>
              </Show>
            </div>
          </>
        )}
      </Loaded>
      <Dialog
        open={making()}
        onOpenChange={(open) => !open && close()}
        title={code() ? m.settings_codeTitle() : m.settings_makeCodeTitle()}
        description={code() ? m.settings_codeText() : m.settings_makeCodeText()}
        closeLabel={m.settings_close()}
      >
        <Show
          when={code()}
          fallback={
            <PasswordForm
              submitLabel={m.settings_make()}
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
        title={m.settings_dropTitle()}
        description={m.settings_dropText()}
        confirmLabel={m.settings_dropCode()}
        cancelLabel={m.settings_keepCode()}
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
  return (
    <>
      <output
        class="printable mt-5 block rounded-xl bg-surface px-4 py-5 text-center font-mono text-xl/9 tracking-wide break-words select-all"
        data-testid="recovery-code"
      >
        {props.code}
      </output>
      <DialogActions>
        <Button onClick={() => window.print()}>{m.settings_print()}</Button>
        <CopyButton
          text={props.code}
          label={m.settings_copy()}
          done={m.settings_copied()}
          refused={m.settings_copyRefused()}
          data-testid="copy-code"
        />
        <Button variant="primary" onClick={props.onKept} data-testid="kept">
          {m.settings_kept()}
        </Button>
      </DialogActions>
    </>
  );
}
