import { createSignal, Show } from 'solid-js';
import { normaliseEmail } from '../../../../protocol/scalars.ts';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { createKeyWork } from '../../engine/solid/key-work.ts';
import type { Me } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { KeyForm } from './key-form.tsx';
import { CurrentPassword, problemsOf } from './password-form.tsx';
import { Section } from './section.tsx';

/** Ends the account for good. */
export function DeletionSection(props: { me: Me }) {
  const engine = useEngine();
  const [open, setOpen] = createSignal(false);
  return (
    <Section title={m.settings_deletion()} text={m.settings_deletionText()}>
      <Button class="text-danger!" onClick={() => setOpen(true)} data-testid="delete-account">
        {m.settings_deleteAccount()}
      </Button>
      <Show
        when={props.me.guest}
        fallback={
          <Dialog
            open={open()}
            onOpenChange={setOpen}
            title={m.settings_deletionTitle()}
            description={m.settings_deletionWarning()}
            closeLabel={m.settings_close()}
          >
            <DeletionForm email={props.me.email} onCancel={() => setOpen(false)} />
          </Dialog>
        }
      >
        <Confirm
          open={open()}
          onClose={() => setOpen(false)}
          title={m.settings_deletionTitle()}
          description={m.settings_deletionWarning()}
          confirmLabel={m.settings_deleteForGood()}
          cancelLabel={m.settings_cancel()}
          explain={sentence}
          onConfirm={async () => {
            await engine.deleteAccount('');
          }}
        />
      </Show>
    </Section>
  );
}

/** Wants the email typed and the password: nobody comes here by a slip. When it is done, there is nobody to come back to. */
function DeletionForm(props: { email: string; onCancel: () => void }) {
  const engine = useEngine();
  const work = createKeyWork();
  const [email, setEmail] = createSignal('');
  const [password, setPassword] = createSignal('');
  const [problems, setProblems] = createSignal<{ email?: string; password?: string; form?: string }>({});

  const erase = async () => {
    const found = {
      ...(normaliseEmail(email()) !== props.email && { email: m.settings_emailDiffers() }),
      ...(!password() && { password: m.settings_passwordMissing() }),
    };
    setProblems(found);
    if (Object.keys(found).length) return;
    try {
      await work.run(async (each) => {
        await engine.deleteAccount(password(), each);
      });
    } catch (error) {
      setProblems(problemsOf(error));
    }
  };

  return (
    <KeyForm
      work={work}
      problem={problems().form}
      submitLabel={m.settings_deleteForGood()}
      danger
      onSubmit={() => void erase()}
      onCancel={props.onCancel}
    >
      <TextField
        label={m.settings_typeEmail({ email: props.email })}
        type="email"
        name="email"
        autocomplete="off"
        data-testid="type-email"
        value={email()}
        problem={problems().email}
        onInput={setEmail}
      />
      <CurrentPassword
        field="deletion-password"
        value={password()}
        problem={problems().password}
        onInput={setPassword}
      />
    </KeyForm>
  );
}
