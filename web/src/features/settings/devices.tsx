import Pencil from 'lucide-solid/icons/pencil';
import { createResource, createSignal, For, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import type { Device } from '../../engine/types.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { DeviceRow, day } from './device-row.tsx';
import { Loaded } from './loaded.tsx';
import { Section } from './section.tsx';
import { strings } from './strings.ts';

/** The devices of the account: names, when they were seen, and the way to end one. */
export function DevicesSection(props: { onChange: () => void }) {
  const engine = useEngine();
  const [devices, { refetch }] = createResource(() => engine.devices());
  const [naming, setNaming] = createSignal<Device>();
  const [ending, setEnding] = createSignal<Device>();

  return (
    <Section title={strings.devices} text={strings.devicesText}>
      <Loaded resource={devices} onRetry={() => void refetch()}>
        {(list) => (
          <ul class="flex flex-col gap-1" data-testid="devices">
            <For each={list()}>
              {(device) => (
                <DeviceRow
                  name={device.name}
                  mark={device.isThis ? strings.thisDevice : undefined}
                  text={
                    device.lastSeen === undefined
                      ? strings.since(day(device.addedAt))
                      : strings.seen(day(device.lastSeen))
                  }
                >
                  <IconButton label={strings.rename} tip="left" onClick={() => setNaming(device)}>
                    <Pencil class="size-4.5" />
                  </IconButton>
                  <Show when={!device.isThis}>
                    <Button onClick={() => setEnding(device)} data-testid="revoke">
                      {strings.revoke}
                    </Button>
                  </Show>
                </DeviceRow>
              )}
            </For>
          </ul>
        )}
      </Loaded>
      <Dialog
        open={naming() !== undefined}
        onOpenChange={(open) => !open && setNaming(undefined)}
        title={strings.renameTitle}
        description={strings.renameText}
        closeLabel={strings.close}
      >
        <Show when={naming()}>
          {(device) => (
            <NameForm
              device={device()}
              onCancel={() => setNaming(undefined)}
              onDone={async () => {
                await refetch();
                props.onChange();
                setNaming(undefined);
              }}
            />
          )}
        </Show>
      </Dialog>
      <Confirm
        open={ending() !== undefined}
        onClose={() => setEnding(undefined)}
        title={strings.revokeTitle(ending()?.name ?? '')}
        description={strings.revokeText}
        confirmLabel={strings.revoke}
        cancelLabel={strings.keepDevice}
        explain={sentence}
        onConfirm={async () => {
          const device = ending();
          if (device) await engine.revokeDevice(device.id);
          await refetch();
          props.onChange();
        }}
      />
    </Section>
  );
}

function NameForm(props: { device: Device; onCancel: () => void; onDone: () => Promise<void> }) {
  const engine = useEngine();
  const [name, setName] = createSignal(props.device.name);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<string>();
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy()) return;
    setBusy(true);
    try {
      await engine.renameDevice(props.device.id, name());
      await props.onDone();
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="mt-5" onSubmit={save}>
      <TextField
        label={strings.name}
        maxLength={60}
        autocomplete="off"
        data-testid="device-name"
        value={name()}
        problem={problem()}
        onInput={setName}
      />
      <DialogActions>
        <Button onClick={props.onCancel}>{strings.cancel}</Button>
        <Button type="submit" variant="primary" busy={busy()} data-testid="save-name">
          {strings.save}
        </Button>
      </DialogActions>
    </form>
  );
}
