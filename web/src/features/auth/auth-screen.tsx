import { For, Show } from 'solid-js';
import { m } from '../../language/index.ts';
import { Mark } from '../../ui/mark.tsx';
import { AuthForm, type AuthFormProps } from './auth-form.tsx';

/**
 * The first screen: what this is, and the way in. `invited` when it was opened by an invite link, `asks` when that link lets nobody in
 * before a member says yes.
 */
export function AuthScreen(props: AuthFormProps) {
  return (
    <main class="flex h-full flex-col overflow-y-auto bg-canvas lg:flex-row">
      <section class="relative flex shrink-0 flex-col overflow-hidden bg-poster px-6 pt-[max(1.5rem,env(safe-area-inset-top))] pb-7 text-on-poster sm:px-10 lg:w-[46%] lg:max-w-3xl lg:justify-between lg:p-14">
        <Mark class="pointer-events-none absolute top-1/2 right-[-4%] h-[230%] -translate-y-1/2 text-poster-shape forced-colors:hidden lg:right-[5%] lg:h-[116%]" />
        <p class="relative flex items-center gap-2.5 font-semibold tracking-tight">
          <Mark class="size-7" />
          {m.auth_product()}
        </p>
        <div class="relative mt-6 lg:mt-0">
          <h1 class="max-w-xl text-[1.75rem]/[1.15] font-semibold tracking-[-0.022em] text-balance sm:text-4xl/[1.1] lg:text-[3.25rem]/[1.06]">
            <Show when={!props.invited} fallback={m.auth_invitedHeadline()}>
              <span class="block">{m.auth_headline()}</span>{' '}
              <span class="block text-on-poster-muted">{m.auth_headlineEnd()}</span>
            </Show>
          </h1>
          <Show when={props.invited}>
            <p class="mt-4 max-w-md text-[1.0625rem]/7 text-pretty text-on-poster-muted lg:text-lg/8">
              {props.asks ? m.auth_invitedAskText() : m.auth_invitedText()}
            </p>
          </Show>
        </div>
        <ul class="relative hidden max-w-md flex-col gap-3 text-[0.9375rem]/6 text-on-poster-muted lg:flex">
          <For each={[m.auth_factEncrypted(), m.auth_factWatch(), m.auth_factAccount()]}>
            {(fact) => (
              <li class="flex gap-3">
                <Mark class="mt-1.5 size-3 shrink-0" />
                {fact}
              </li>
            )}
          </For>
        </ul>
      </section>
      <section class="flex flex-1 justify-center px-6 py-8 pb-[max(2rem,env(safe-area-inset-bottom))] sm:px-10 lg:items-center lg:overflow-y-auto">
        <AuthForm {...props} />
      </section>
    </main>
  );
}
