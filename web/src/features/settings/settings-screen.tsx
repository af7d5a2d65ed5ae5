import ChevronLeft from 'lucide-solid/icons/chevron-left';
import { createSignal, Show } from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';
import { iconButton } from '../../ui/button.tsx';
import { AppearanceSection } from './appearance.tsx';
import { DeletionSection } from './deletion.tsx';
import { DevicesSection } from './devices.tsx';
import { ExportSection } from './export.tsx';
import { KeepSection } from './keep.tsx';
import { NotificationsSection } from './notifications.tsx';
import { PasskeysSection } from './passkeys.tsx';
import { PasswordSection } from './password.tsx';
import { PrivacySection } from './privacy.tsx';
import { Profile } from './profile.tsx';
import { RecoverySection } from './recovery.tsx';
import { SessionsSection } from './sessions.tsx';
import { StorageSection } from './storage.tsx';

/** What belongs to the account: how it is opened, and where. */
export function SettingsScreen() {
  const engine = useEngine();
  // Sessions have their devices' names, and end with them.
  const [changes, setChanges] = createSignal(0);
  const session = useObservable(() => engine.session);
  const me = () => {
    const state = session();
    return state.kind === 'signed-in' ? state.me : undefined;
  };
  const guest = () => me()?.guest ?? false;
  return (
    <main class="h-full overflow-y-auto bg-canvas">
      <div class="mx-auto max-w-2xl px-5 pt-[max(0.75rem,env(safe-area-inset-top))] pb-[max(3rem,env(safe-area-inset-bottom))] sm:px-8 sm:pt-8">
        <header class="flex items-center gap-2">
          <a href="/" class={`${iconButton('none')} -ms-2.5`} aria-label={m.settings_back()}>
            <ChevronLeft class="size-6" />
          </a>
          <h1 class="text-2xl/8 font-semibold tracking-tight">{m.settings_title()}</h1>
        </header>
        <Show when={me()}>
          {(person) => (
            <>
              <KeepSection me={person()} />
              <Profile me={person()} />
            </>
          )}
        </Show>
        <AppearanceSection />
        <NotificationsSection />
        <PrivacySection />
        {/* what a guest has not, before the account is kept */}
        <Show when={!guest()}>
          <PasswordSection />
          <RecoverySection />
          <PasskeysSection />
        </Show>
        <DevicesSection onChange={() => setChanges((count) => count + 1)} />
        <SessionsSection changes={changes()} guest={guest()} />
        <StorageSection />
        <ExportSection guest={guest()} />
        <Show when={me()}>{(person) => <DeletionSection me={person()} />}</Show>
      </div>
    </main>
  );
}
