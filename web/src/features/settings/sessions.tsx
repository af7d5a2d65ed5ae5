import { createResource, createSignal, For, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import type { SignIn } from '../../engine/types.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { DeviceRow, day } from './device-row.tsx';
import { Loaded } from './loaded.tsx';
import { Section } from './section.tsx';
import { strings } from './strings.ts';

/** The sessions of the account with the service, and the way to end one. `changes` counts what has happened to devices, which they show. */
export function SessionsSection(props: { changes: number }) {
  const engine = useEngine();
  const [sessions, { refetch }] = createResource(
    () => [props.changes],
    () => engine.signIns(),
  );
  const [ending, setEnding] = createSignal<SignIn>();

  return (
    <Section title={strings.sessions} text={strings.sessionsText}>
      <Loaded resource={sessions} onRetry={() => void refetch()}>
        {(list) => (
          <ul class="flex flex-col gap-1" data-testid="sessions">
            <For each={list()}>
              {(session) => (
                <DeviceRow
                  name={session.deviceName ?? strings.noDevice}
                  mark={session.isThis ? strings.thisSession : undefined}
                  text={strings.signedIn(day(session.since), day(session.usedAt))}
                >
                  <Show when={!session.isThis}>
                    <Button onClick={() => setEnding(session)} data-testid="end-session">
                      {strings.endSession}
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
        title={strings.endSessionTitle}
        description={strings.endSessionText}
        confirmLabel={strings.endSession}
        cancelLabel={strings.keepSession}
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
