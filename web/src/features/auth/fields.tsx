import Eye from 'lucide-solid/icons/eye';
import EyeOff from 'lucide-solid/icons/eye-off';
import { createSignal, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { PasswordStrength } from './strength.tsx';

/** Where the email of an account is typed, by which password managers know it. */
export function EmailField(props: {
  value: string;
  problem: string | undefined;
  onInput: (value: string) => void;
}) {
  return (
    <TextField
      label={m.auth_email()}
      type="email"
      name="email"
      autocomplete="username"
      autocapitalize="none"
      spellcheck={false}
      data-testid="email"
      value={props.value}
      problem={props.problem}
      onInput={props.onInput}
    />
  );
}

/** Where a password is typed, and can be looked at. */
export function PasswordField(props: {
  /** Where it is another than the account's. */
  label?: string | undefined;
  hint?: string | undefined;
  /** For a new one, which is judged: what others know of the person. */
  about?: readonly string[] | undefined;
  value: string;
  problem: string | undefined;
  onInput: (value: string) => void;
}) {
  const [shown, setShown] = createSignal(false);
  return (
    <div>
      <TextField
        label={props.label ?? m.auth_password()}
        hint={props.hint}
        type={shown() ? 'text' : 'password'}
        name="password"
        autocomplete={props.about ? 'new-password' : 'current-password'}
        autocapitalize="none"
        spellcheck={false}
        data-testid="password"
        value={props.value}
        problem={props.problem}
        onInput={props.onInput}
        end={
          <IconButton
            label={shown() ? m.auth_hidePassword() : m.auth_showPassword()}
            tip="none"
            onClick={() => setShown(!shown())}
          >
            <Show when={shown()} fallback={<Eye class="size-5" />}>
              <EyeOff class="size-5" />
            </Show>
          </IconButton>
        }
      />
      <Show when={props.about}>{(about) => <PasswordStrength password={props.value} about={about()} />}</Show>
    </div>
  );
}
