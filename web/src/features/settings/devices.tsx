import Laptop from 'lucide-solid/icons/laptop';
import Pencil from 'lucide-solid/icons/pencil';
import Smartphone from 'lucide-solid/icons/smartphone';
import { createResource, createSignal, For, Match, Show, Switch } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import type { Device } from '../../engine/types.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { now } from '../../ui/clock.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { formatDay } from '../../ui/format.ts';
import { TextField } from '../../ui/text-field.tsx';
import { Note, Section } from './section.tsx';
import { strings } from './strings.ts';

const isPhone = (name: string) => /phone|android|ipad|tablet/i.test(name);
const day = (at: number) => formatDay(at, now());

/** The devices of the account: names, when they were seen, and the way to end one. */
export function DevicesSection() {
  const engine = useEngine();
  const [devices, { refetch }] = createResource(() => engine.devices());
  const [naming, setNaming] = createSignal<Device>();
  const [ending, setEnding] = createSignal<Device>();

  return (
    <Section title={strings.devices} text={strings.devicesText}>
      <Switch fallback={<p class="text-sm/5 text-muted">{strings.loading}</p>}>
        <Match when={devices.error}>
          <Note bad={sentence(devices.error)} />
          <Button class="mt-3" onClick={() => void refetch()}>
            {strings.retry}
          </Button>
        </Match>
        <Match when={devices.latest}>
          {(list) => (
            <ul class="flex flex-col gap-1" data-testid="devices">
              <For each={list()}>
                {(device) => (
                  <li class="flex min-h-16 items-center gap-3.5 py-2">
                    <span class="flex size-10 shrink-0 items-center justify-center rounded-full bg-surface text-muted">
                      <Show when={isPhone(device.name)} fallback={<Laptop class="size-5" />}>
                        <Smartphone class="size-5" />
                      </Show>
                    </span>
                    <span class="min-w-0 flex-1">
                      <span class="block truncate font-semibold">{device.name}</span>
                      <span class="block text-sm/5 text-muted">
                        <Show
                          when={!device.isThis}
                          fallback={<span class="font-semibold text-accent">{strings.thisDevice}</span>}
                        >
                          {device.lastSeen === undefined
                            ? strings.since(day(device.addedAt))
                            : strings.seen(day(device.lastSeen))}
                        </Show>
                      </span>
                    </span>
                    <IconButton label={strings.rename} tip="left" onClick={() => setNaming(device)}>
                      <Pencil class="size-4.5" />
                    </IconButton>
                    <Show when={!device.isThis}>
                      <Button onClick={() => setEnding(device)} data-testid="revoke">
                        {strings.revoke}
                      </Button>
                    </Show>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Match>
      </Switch>
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
