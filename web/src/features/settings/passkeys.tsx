import KeyRound from 'lucide-solid/icons/key-round';
import { createResource, createSignal, For, Show } from 'solid-js';
import { offersPasskeys } from '../../engine/browser.ts';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import type { Passkey } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { day } from './device-row.tsx';
import { Loaded } from './loaded.tsx';
import { PasswordForm } from './password-form.tsx';
import { Section } from './section.tsx';

/** What opens the account with one touch, and the way to add and remove it. */
export function PasskeysSection() {
  const engine = useEngine();
  const [passkeys, { refetch }] = createResource(() => engine.passkeys());
  const [adding, setAdding] = createSignal(false);
  const [removing, setRemoving] = createSignal<Passkey>();
  const used = ({ addedAt, usedAt }: Passkey) =>
    usedAt === undefined
      ? m.settings_since({ day: day(addedAt) })
      : m.settings_passkeyUsed({ added: day(addedAt), used: day(usedAt) });

  return (
    <Section title={m.settings_passkeys()} text={m.settings_passkeysText()}>
      <Loaded resource={passkeys} onRetry={() => void refetch()}>
        {(list) => (
          <ul class="mb-3 flex flex-col gap-1" data-testid="passkeys">
            <For
              each={list()}
              fallback={<li class="text-[0.9375rem] font-semibold">{m.settings_noPasskeys()}</li>}
            >
              {(passkey) => (
                <li class="flex min-h-16 items-center gap-3.5 py-2">
                  <span class="flex size-10 shrink-0 items-center justify-center rounded-full bg-surface text-muted">
                    <KeyRound class="size-5" />
                  </span>
                  <span class="min-w-0 flex-1">
                    <span class="block truncate font-semibold">{passkey.name}</span>
                    <span class="block text-sm/5 text-muted">{used(passkey)}</span>
                  </span>
                  <Button onClick={() => setRemoving(passkey)} data-testid="remove-passkey">
                    {m.settings_removePasskey()}
                  </Button>
                </li>
              )}
            </For>
          </ul>
        )}
      </Loaded>
      <Show
        when={offersPasskeys()}
        fallback={<p class="text-sm/5 text-muted">{m.settings_noPasskeysHere()}</p>}
      >
        <Button onClick={() => setAdding(true)} data-testid="add-passkey">
          {m.settings_addPasskey()}
        </Button>
      </Show>
      <Dialog
        open={adding()}
        onOpenChange={setAdding}
        title={m.settings_addPasskey()}
        description={m.settings_addPasskeyText()}
        closeLabel={m.settings_close()}
      >
        <PasswordForm
          submitLabel={m.settings_add()}
          field="passkey-password"
          task={(password, work) => engine.addPasskey(password, work)}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            void refetch();
          }}
        />
      </Dialog>
      <Confirm
        open={removing() !== undefined}
        onClose={() => setRemoving(undefined)}
        title={m.settings_removePasskeyTitle()}
        description={m.settings_removePasskeyText()}
        confirmLabel={m.settings_removePasskey()}
        cancelLabel={m.settings_keepPasskey()}
        explain={sentence}
        onConfirm={async () => {
          const passkey = removing();
          if (passkey) await engine.removePasskey(passkey.id);
          await refetch();
        }}
      />
    </Section>
  );
}
