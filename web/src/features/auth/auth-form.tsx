import KeyRound from 'lucide-solid/icons/key-round';
import { createEffect, createSignal, onCleanup, Show } from 'solid-js';
import { offersPasskeys } from '../../engine/browser.ts';
import { reasonOf, sentence, useEngine } from '../../engine/solid/context.tsx';
import { createKeyWork } from '../../engine/solid/key-work.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { check, type Mode, type Problems, place } from './check.ts';
import { canSignIn, findEvicted } from './evicted.ts';
import { EmailField, PasswordField } from './fields.tsx';
import { KeyProgress } from './key-progress.tsx';
import { forgetWritten, keepWritten, written } from './written.ts';

export interface AuthFormProps {
  /** By a link into a room, or by one to ask by. */
  invited: boolean;
  asks: boolean;
  /** By the address of a room, which lets in nobody who is not in it. */
  toRoom: boolean;
  /** Called before anything is sent: by the time of the answer this form may be gone. */
  onSubmit: () => void;
}

/** The way in: as a guest, with a new account, or with one that there is. */
export function AuthForm(props: AuthFormProps) {
  const engine = useEngine();
  const before = written();
  // Who was writing an email goes on with that.
  const newcomer = () => (props.invited && !before.email ? 'guest' : 'register');
  const [mode, setMode] = createSignal<Mode>(canSignIn() || props.toRoom ? 'sign-in' : newcomer());
  const [name, setName] = createSignal(before.name);
  const [email, setEmail] = createSignal(before.email);
  const [password, setPassword] = createSignal('');
  const [problems, setProblems] = createSignal<Problems>({});
  const [code, setCode] = createSignal('');
  const work = createKeyWork();
  const session = engine.session.get();
  const evicted = findEvicted(session);
  const suspended = session.kind === 'signed-out' && session.suspended;
  let form!: HTMLFormElement;
  createEffect(() => keepWritten({ name: name(), email: email() }));
  // It goes when they are in, by whatever way.
  onCleanup(forgetWritten);

  const registering = () => mode() === 'register';
  const recovering = () => mode() === 'recover';
  const asGuest = () => mode() === 'guest';
  const isNew = () => registering() || asGuest();
  const say = (newText: string, signInText: string, recoverText = signInText) =>
    isNew() ? newText : recovering() ? recoverText : signInText;
  const joins = () => props.invited && !props.asks;
  const title = () => {
    if (asGuest())
      return props.asks ? m.auth_invitedAsk() : joins() ? m.auth_invitedRegister() : m.auth_guest();
    if (!joins()) return say(m.auth_register(), m.auth_signIn(), m.auth_recover());
    return say(m.auth_invitedRegister(), m.auth_invitedSignIn(), m.auth_recover());
  };
  const submitLabel = () => {
    if (asGuest())
      return props.asks ? m.auth_invitedAsk() : joins() ? m.auth_submitInvitedGuest() : m.auth_toGuest();
    if (!joins()) return say(m.auth_submitRegister(), m.auth_submitSignIn(), m.auth_submitRecover());
    return say(m.auth_submitInvitedRegister(), m.auth_submitInvitedSignIn(), m.auth_submitRecover());
  };
  const forget = (field: keyof Problems) => setProblems((old) => ({ ...old, [field]: undefined }));

  const refuse = (found: Problems) => {
    setProblems(found);
    form.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (work.busy()) return;
    const account = { email: email().trim(), password: password(), name: name().trim(), code: code() };
    const found = check(account, mode());
    if (Object.keys(found).length) return refuse(found);
    setProblems({});
    props.onSubmit();
    try {
      await work.run((each) => {
        if (asGuest()) {
          // Its keys are made at once: the service is asked from the start.
          each.onProgress?.(1);
          return engine.registerGuest({ name: account.name }, each);
        }
        if (registering()) return engine.register(account, each);
        return recovering() ? engine.recover(account, each) : engine.login(account, each);
      });
    } catch (error) {
      refuse(place(reasonOf(error), sentence(error), mode()));
    }
  };

  const byPasskey = async () => {
    if (work.busy()) return;
    setProblems({});
    props.onSubmit();
    try {
      await work.run(({ onProgress }) => {
        // There are no keys to make, and the browser's own question can be answered with no.
        onProgress?.(1);
        return engine.loginByPasskey();
      });
    } catch (error) {
      refuse({ form: sentence(error) });
    }
  };

  /** The service is being asked: there is nothing else to turn to before its answer. */
  const asking = () => work.busy() && !work.canCancel();
  const change = (to: Mode) => {
    if (asking()) return;
    work.cancel();
    setMode(to);
    if (to === 'recover') setPassword('');
    setProblems({});
    form.querySelector<HTMLElement>('input')?.focus();
  };

  /** What the last line leads to, beside signing in or registering. */
  const otherWay = (): { id: string; mode: Mode; label: string } => {
    if (asGuest()) return { id: 'with-account', mode: 'register', label: m.auth_toRegister() };
    if (registering()) return { id: 'as-guest', mode: 'guest', label: m.auth_toGuest() };
    return { id: 'forgot', mode: 'recover', label: m.auth_forgot() };
  };

  return (
    <div class="w-full max-w-sm">
      <h2 class="text-2xl/8 font-semibold tracking-tight">{title()}</h2>
      <Show when={evicted === 'guest' || (evicted && !isNew())}>
        <p class="mt-4 rounded-lg bg-warn-soft px-3.5 py-3 text-sm/5 text-pretty" data-testid="evicted">
          {evicted === 'guest' ? m.auth_evictedGuest() : m.auth_evicted()}
        </p>
      </Show>
      <Show when={props.toRoom}>
        <p class="mt-2 text-[0.9375rem]/6 text-pretty text-muted" data-testid="to-room">
          {m.auth_toRoom()}
        </p>
      </Show>
      <Show when={suspended}>
        <p class="mt-4 rounded-lg bg-warn-soft px-3.5 py-3 text-sm/5 text-pretty" data-testid="suspended">
          {m.auth_suspendedGuest()}
        </p>
      </Show>
      <form ref={form} class="mt-6 flex flex-col gap-5" novalidate onSubmit={submit}>
        <Show when={isNew()}>
          <TextField
            label={m.auth_name()}
            hint={m.auth_nameHint()}
            name="name"
            autocomplete="name"
            maxLength={80}
            data-testid="name"
            value={name()}
            problem={problems().name}
            onInput={(value) => {
              setName(value);
              forget('name');
            }}
          />
        </Show>
        <Show when={!asGuest()}>
          <EmailField
            value={email()}
            problem={problems().email}
            onInput={(value) => {
              setEmail(value);
              forget('email');
            }}
          />
        </Show>
        <Show when={recovering()}>
          <TextField
            label={m.auth_code()}
            hint={m.auth_codeHint()}
            name="recovery-code"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            data-testid="code"
            value={code()}
            problem={problems().code}
            onInput={(value) => {
              setCode(value);
              forget('code');
            }}
          />
        </Show>
        <Show when={!asGuest()}>
          <PasswordField
            label={recovering() ? m.auth_newPassword() : undefined}
            hint={registering() ? m.auth_passwordHint() : undefined}
            about={mode() === 'sign-in' ? undefined : [name(), email()]}
            value={password()}
            problem={problems().password}
            onInput={(value) => {
              setPassword(value);
              forget('password');
            }}
          />
        </Show>
        <Show when={asGuest()}>
          <p class="-mt-1 text-[0.9375rem]/6 text-pretty text-muted">{m.auth_guestText()}</p>
        </Show>
        <Show when={problems().form}>
          <p role="alert" class="rounded-lg bg-danger-soft px-3.5 py-3 text-sm/5 text-danger">
            {problems().form}
          </p>
        </Show>
        <Button
          type="submit"
          variant="primary"
          class="min-h-12 text-base"
          busy={work.busy()}
          data-testid="submit"
        >
          <Show when={work.busy()} fallback={submitLabel()}>
            <span role="status">{say(m.auth_makingKeys(), m.auth_openingKeys())}</span>
          </Show>
        </Button>
        <Show when={mode() === 'sign-in' && offersPasskeys() && !work.busy()}>
          <p class="-my-1 flex items-center gap-3 text-sm/5 text-muted" aria-hidden="true">
            <span class="h-px flex-1 bg-line" />
            {m.auth_or()}
            <span class="h-px flex-1 bg-line" />
          </p>
          <Button class="min-h-12 text-base" onClick={() => void byPasskey()} data-testid="by-passkey">
            <KeyRound class="size-4.5" />
            {m.auth_byPasskey()}
          </Button>
        </Show>
        {/* a guest's keys are made at once: there is nothing to give up */}
        <Show when={work.busy() && !asGuest()}>
          <KeyProgress work={work} label={say(m.auth_makingKeys(), m.auth_openingKeys())} />
        </Show>
      </form>
      <p class="mt-6 text-[0.9375rem] text-muted">
        {say(m.auth_haveAccount(), m.auth_noAccount(), m.auth_remembered())}{' '}
        <button
          type="button"
          class="-my-2 min-h-11 rounded-sm font-semibold text-accent underline decoration-accent/40 underline-offset-4 hover:decoration-current aria-disabled:opacity-50"
          aria-disabled={asking()}
          data-testid="switch-mode"
          onClick={() => change(mode() === 'sign-in' ? 'register' : 'sign-in')}
        >
          {say(m.auth_toSignIn(), m.auth_toRegister(), m.auth_toSignIn())}
        </button>
      </p>
      <Show when={!recovering()}>
        <p class="mt-2 text-[0.9375rem] text-muted">
          <button
            type="button"
            class="-my-2 min-h-11 rounded-sm underline decoration-current/40 underline-offset-4 hover:decoration-current aria-disabled:opacity-50"
            aria-disabled={asking()}
            data-testid={otherWay().id}
            onClick={() => change(otherWay().mode)}
          >
            {otherWay().label}
          </button>
        </p>
      </Show>
    </div>
  );
}
