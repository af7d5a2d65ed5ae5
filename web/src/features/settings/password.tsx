import { createSignal } from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { createKeyWork } from '../../engine/solid/key-work.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { PasswordStrength } from '../auth/index.ts';
import { KeyForm } from './key-form.tsx';
import { CurrentPassword, problemsOf } from './password-form.tsx';
import { Note, Section } from './section.tsx';

const shortest = 8;

/** Changes the password. */
export function PasswordSection() {
  const [open, setOpen] = createSignal(false);
  const [done, setDone] = createSignal(false);
  return (
    <Section title={m.settings_password()} text={m.settings_passwordText()}>
      <Button onClick={() => setOpen(true)} data-testid="change-password">
        {m.settings_changePassword()}
      </Button>
      <Note good={done() ? m.settings_passwordChanged() : undefined} />
      <Dialog
        open={open()}
        onOpenChange={setOpen}
        title={m.settings_changePassword()}
        description={m.settings_passwordText()}
        closeLabel={m.settings_close()}
      >
        <PasswordForm
          onCancel={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            setDone(true);
          }}
        />
      </Dialog>
    </Section>
  );
}

function PasswordForm(props: { onCancel: () => void; onDone: () => void }) {
  const engine = useEngine();
  const work = createKeyWork();
  const [current, setCurrent] = createSignal('');
  const [next, setNext] = createSignal('');
  const [problems, setProblems] = createSignal<{ password?: string; next?: string; form?: string }>({});

  const change = async () => {
    const found = {
      ...(!current() && { password: m.settings_passwordMissing() }),
      ...([...next()].length < shortest && { next: m.settings_passwordShort() }),
    };
    setProblems(found);
    if (Object.keys(found).length) return;
    try {
      if (await work.run((each) => engine.changePassword({ current: current(), next: next() }, each)))
        props.onDone();
    } catch (error) {
      setProblems(problemsOf(error));
    }
  };

  return (
    <KeyForm
      work={work}
      problem={problems().form}
      submitLabel={m.settings_changePassword()}
      onSubmit={() => void change()}
      onCancel={props.onCancel}
    >
      <CurrentPassword
        field="current-password"
        value={current()}
        problem={problems().password}
        onInput={setCurrent}
      />
      <div>
        <TextField
          label={m.settings_newPassword()}
          hint={m.settings_newPasswordHint()}
          type="password"
          name="new-password"
          autocomplete="new-password"
          data-testid="new-password"
          value={next()}
          problem={problems().next}
          onInput={setNext}
        />
        <PasswordStrength password={next()} about={[]} />
      </div>
    </KeyForm>
  );
}
