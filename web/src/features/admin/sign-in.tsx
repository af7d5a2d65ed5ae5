import { createSignal } from 'solid-js';
import { type Console, openConsole, sentenceOf } from '../../engine/admin/console.ts';
import { EngineError } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { AttemptProblem, createAttempt } from '../../ui/attempt.tsx';
import { Button } from '../../ui/button.tsx';
import { Mark } from '../../ui/mark.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** The way in: email and password, every time. */
export function SignIn(props: { notice: string | undefined; onOpen: (console: Console) => void }) {
  const [email, setEmail] = createSignal('');
  const [password, setPassword] = createSignal('');
  const attempt = createAttempt((error) => {
    const noRole = error instanceof EngineError && error.reason === 'forbidden';
    return noRole ? m.admin_noRole() : sentenceOf(error);
  });
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    await attempt.run(async () => props.onOpen(await openConsole(location.origin, email(), password())));
  };
  return (
    <main class="flex h-full items-center justify-center overflow-y-auto p-6">
      <form class="w-full max-w-sm" onSubmit={submit}>
        <Mark class="size-10 text-accent" />
        <h1 class="mt-4 text-2xl/8 font-semibold tracking-tight">{m.admin_title()}</h1>
        <p class="mt-1.5 mb-6 text-[0.9375rem]/6 text-pretty text-muted">
          {props.notice ?? m.admin_signInText()}
        </p>
        <TextField
          label={m.admin_email()}
          type="email"
          autocomplete="username"
          required
          autofocus
          onInput={setEmail}
          data-testid="email"
        />
        <TextField
          class="mt-4"
          label={m.admin_password()}
          type="password"
          autocomplete="current-password"
          required
          onInput={setPassword}
          data-testid="password"
        />
        <AttemptProblem attempt={attempt} />
        <Button
          variant="primary"
          type="submit"
          busy={attempt.busy()}
          class="mt-6 w-full"
          data-testid="submit"
        >
          {m.admin_signIn()}
        </Button>
      </form>
    </main>
  );
}
