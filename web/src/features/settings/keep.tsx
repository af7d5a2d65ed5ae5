import { createSignal, Show } from 'solid-js';
import { reasonOf, sentence, useEngine } from '../../engine/solid/context.tsx';
import { createKeyWork } from '../../engine/solid/key-work.ts';
import type { Me } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { check, EmailField, KeyProgress, PasswordField } from '../auth/index.ts';

/** What stands beside the fields when the account could not be kept. */
type Problems = Partial<Record<'email' | 'password' | 'form', string>>;

const problemsOf = (error: unknown): Problems =>
  reasonOf(error) === 'email-taken' ? { email: m.settings_keepTaken() } : { form: sentence(error) };

/** Gives a guest's account an email and a password; once it has them, it says so for as long as one stays. */
export function KeepSection(props: { me: Me }) {
  /** What there is to say once it is kept. */
  const [said, setSaid] = createSignal<string>();
  return (
    <Show
      when={props.me.guest}
      fallback={
        <Show when={said()}>
          {(words) => (
            <p
              // The button that was pressed is gone.
              ref={(note) => queueMicrotask(() => note.focus())}
              tabIndex={-1}
              class="mt-5 scroll-mt-5 rounded-xl bg-accent-soft px-4 py-3 text-[0.9375rem]/6 text-pretty wrap-anywhere outline-none"
              data-testid="kept"
            >
              {words()}
            </p>
          )}
        </Show>
      }
    >
      <section class="mt-5 rounded-2xl border border-line bg-sunken p-5 sm:p-6" data-testid="keep">
        <h2 class="text-lg/6 font-semibold tracking-tight">{m.settings_keep()}</h2>
        <p class="mt-1 max-w-prose text-[0.9375rem]/6 text-pretty text-muted">{m.settings_keepText()}</p>
        <KeepForm name={props.me.name} onKept={setSaid} />
      </section>
    </Show>
  );
}

function KeepForm(props: { name: string; onKept: (words: string) => void }) {
  const engine = useEngine();
  const work = createKeyWork();
  const [email, setEmail] = createSignal('');
  const [password, setPassword] = createSignal('');
  const [problems, setProblems] = createSignal<Problems>({});
  let form!: HTMLFormElement;

  const refuse = (found: Problems) => {
    setProblems(found);
    form.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  };
  const keep = async (event: SubmitEvent) => {
    event.preventDefault();
    if (work.busy()) return;
    const account = { email: email().trim(), password: password() };
    const found = check({ ...account, name: props.name, code: '' }, 'register');
    if (Object.keys(found).length) return refuse(found);
    setProblems({});
    try {
      if (await work.run((each) => engine.keepAccount(account, each)))
        props.onKept(m.settings_accountKept({ email: account.email }));
    } catch (error) {
      // By then this form is gone.
      if (reasonOf(error) === 'kept') props.onKept(sentence(error));
      else refuse(problemsOf(error));
    }
  };

  return (
    <form ref={form} class="mt-4 flex max-w-md flex-col gap-4" novalidate onSubmit={keep}>
      <EmailField value={email()} problem={problems().email} onInput={setEmail} />
      <PasswordField
        hint={m.settings_newPasswordHint()}
        about={[props.name, email()]}
        value={password()}
        problem={problems().password}
        onInput={setPassword}
      />
      <Show when={problems().form}>
        <p role="alert" class="rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
          {problems().form}
        </p>
      </Show>
      <Button type="submit" variant="primary" class="min-h-12" busy={work.busy()} data-testid="keep-account">
        <Show when={work.busy()} fallback={m.settings_keepSubmit()}>
          <span role="status">{work.canCancel() ? m.settings_makingKeys() : m.settings_sending()}</span>
        </Show>
      </Button>
      <Show when={work.busy()}>
        <KeyProgress work={work} label={m.settings_makingKeys()} />
      </Show>
    </form>
  );
}
