import { createSignal } from 'solid-js';
import { reasonOf, sentence } from '../../engine/solid/context.tsx';
import { createKeyWork } from '../../engine/solid/key-work.ts';
import type { KeyWork } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { TextField } from '../../ui/text-field.tsx';
import { KeyForm } from './key-form.tsx';

export interface PasswordFormProps {
  submitLabel: string;
  /** The field's `data-testid`. */
  field: string;
  task: (password: string, work: KeyWork) => Promise<void>;
  /** The task is done, and was not given up. */
  onDone?: () => void;
  onCancel: () => void;
}

/** What went wrong with something that wants the account's password: with it, or with the rest. */
export const problemsOf = (error: unknown): { password?: string; form?: string } =>
  reasonOf(error) === 'wrong-password' ? { password: m.settings_passwordWrong() } : { form: sentence(error) };

/** Where the account's password is typed. */
export function CurrentPassword(props: {
  field: string;
  value: string;
  problem: string | undefined;
  onInput: (value: string) => void;
}) {
  return (
    <TextField
      label={m.settings_currentPassword()}
      type="password"
      name="current-password"
      autocomplete="current-password"
      data-testid={props.field}
      value={props.value}
      problem={props.problem}
      onInput={props.onInput}
    />
  );
}

/** What is done with the account's password and nothing else. */
export function PasswordForm(props: PasswordFormProps) {
  const work = createKeyWork();
  const [password, setPassword] = createSignal('');
  const [problems, setProblems] = createSignal<{ password?: string; form?: string }>({});

  const submit = async () => {
    if (!password()) return setProblems({ password: m.settings_passwordMissing() });
    setProblems({});
    try {
      if (await work.run((each) => props.task(password(), each))) props.onDone?.();
    } catch (error) {
      setProblems(problemsOf(error));
    }
  };

  return (
    <KeyForm
      work={work}
      problem={problems().form}
      submitLabel={props.submitLabel}
      onSubmit={() => void submit()}
      onCancel={props.onCancel}
    >
      <CurrentPassword
        field={props.field}
        value={password()}
        problem={problems().password}
        onInput={setPassword}
      />
    </KeyForm>
  );
}
