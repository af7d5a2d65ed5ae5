import { A } from '@solidjs/router';
import { Show } from 'solid-js';
import { useEngine } from '../../engine/solid/context.tsx';
import { useObservable } from '../../engine/solid/observable.ts';
import { m } from '../../language/index.ts';

/** One line for a guest, with the way to keep the account: it is in this browser and nowhere else. */
export function GuestReminder() {
  const engine = useEngine();
  const session = useObservable(() => engine.session);
  const guest = () => {
    const state = session();
    return state.kind === 'signed-in' && state.me.guest;
  };
  return (
    <Show when={guest()}>
      <A
        href="/settings"
        class="mb-1 flex min-h-11 flex-wrap items-center gap-x-1.5 rounded-xl px-2.5 py-1.5 text-sm/5 text-muted hover:bg-hover"
        data-testid="guest-reminder"
      >
        {m.rooms_hereAsGuest()}
        <span class="font-semibold text-accent underline decoration-accent/40 underline-offset-4">
          {m.rooms_keepAccount()}
        </span>
      </A>
    </Show>
  );
}
