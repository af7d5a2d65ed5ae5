import { createResource, createSignal, For, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import type { SignIn } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { DeviceRow, day } from './device-row.tsx';
import { Loaded } from './loaded.tsx';
import { Section } from './section.tsx';

/**
 * The sessions of the account with the service, and the way to end one. `changes` counts what has happened to devices, which they show.
 * A guest has no password by which anybody could come back.
 */
export function SessionsSection(props: { changes: number; guest: boolean }) {
  const engine = useEngine();
  const [sessions, { refetch }] = createResource(
    () => [props.changes],
    () => engine.signIns(),
  );
  const [ending, setEnding] = createSignal<SignIn>();

  return (
    <Section title={m.settings_sessions()} text={m.settings_sessionsText()}>
      <Loaded resource={sessions} onRetry={() => void refetch()}>
        {(list) => (
          <ul class="flex flex-col gap-1" data-testid="sessions">
            <For each={list()}>
              {(session) => (
                <DeviceRow
                  name={session.deviceName ?? m.settings_noDevice()}
                  mark={session.isThis ? m.settings_thisSession() : undefined}
                  text={m.settings_signedIn({ since: day(session.since), used: day(session.usedAt) })}
                >
                  <Show when={!session.isThis}>
                    <Button onClick={() => setEnding(session)} data-testid="end-session">
                      {m.settings_endSession()}
                    </Button>
                  </Show>
                </DeviceRow>
              )}
            </For>
          </ul>
        )}
      </Loaded>
      <Confirm
        open={ending() !== undefined}
        onClose={() => setEnding(undefined)}
        title={m.settings_endSessionTitle()}
        description={props.guest ? m.settings_endSessionGuestText() : m.settings_endSessionText()}
        confirmLabel={m.settings_endSession()}
        cancelLabel={m.settings_keepSession()}
        explain={sentence}
        onConfirm={async () => {
          const session = ending();
          if (session) await engine.endSignIn(session.id);
          await refetch();
        }}
      />
    </Section>
  );
}
