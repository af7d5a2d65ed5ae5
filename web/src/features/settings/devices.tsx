import Pencil from 'lucide-solid/icons/pencil';
import { createResource, createSignal, For, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import type { Device } from '../../engine/types.ts';
import { m } from '../../language/index.ts';
import { createAttempt } from '../../ui/attempt.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { DeviceRow, day } from './device-row.tsx';
import { Loaded } from './loaded.tsx';
import { Section } from './section.tsx';

/** The devices of the account: names, when they were seen, and the way to end one. */
export function DevicesSection(props: { onChange: () => void }) {
  const engine = useEngine();
  const [devices, { refetch }] = createResource(() => engine.devices());
  const [naming, setNaming] = createSignal<Device>();
  const [ending, setEnding] = createSignal<Device>();

  return (
    <Section title={m.settings_devices()} text={m.settings_devicesText()}>
      <Loaded resource={devices} onRetry={() => void refetch()}>
        {(list) => (
          <ul class="flex flex-col gap-1" data-testid="devices">
            <For each={list()}>
              {(device) => (
                <DeviceRow
                  name={device.name}
                  mark={device.isThis ? m.settings_thisDevice() : undefined}
                  text={
                    device.lastSeen === undefined
                      ? m.settings_since({ day: day(device.addedAt) })
                      : m.settings_seen({ day: day(device.lastSeen) })
                  }
                >
                  <IconButton label={m.settings_rename()} tip="left" onClick={() => setNaming(device)}>
                    <Pencil class="size-4.5" />
                  </IconButton>
                  <Show when={!device.isThis}>
                    <Button onClick={() => setEnding(device)} data-testid="revoke">
                      {m.settings_revoke()}
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
        title={m.settings_renameTitle()}
        description={m.settings_renameText()}
        closeLabel={m.settings_close()}
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
        title={m.settings_revokeTitle({ name: ending()?.name ?? '' })}
        description={m.settings_revokeText()}
        confirmLabel={m.settings_revoke()}
        cancelLabel={m.settings_keepDevice()}
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
  const attempt = createAttempt(sentence);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    await attempt.run(async () => {
      await engine.renameDevice(props.device.id, name());
      await props.onDone();
    });
  };
  return (
    <form class="mt-5" onSubmit={save}>
      <TextField
        label={m.settings_name()}
        maxLength={60}
        autocomplete="off"
        data-testid="device-name"
        value={name()}
        problem={attempt.problem()}
        onInput={setName}
      />
      <DialogActions>
        <Button onClick={props.onCancel}>{m.settings_cancel()}</Button>
        <Button type="submit" variant="primary" busy={attempt.busy()} data-testid="save-name">
          {m.settings_save()}
        </Button>
      </DialogActions>
    </form>
  );
}
