import { createResource, createSignal, Show } from 'solid-js';
import { dropLeftovers, sizeOfLeftovers } from '../../engine/leftovers.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Switch } from '../../ui/switch.tsx';
import { keepOriginals, keepsOriginals } from '../files/index.ts';
import { Loaded } from './loaded.tsx';
import { Section } from './section.tsx';

const measure = async () => {
  const [{ usage, quota }, leftovers] = await Promise.all([navigator.storage.estimate(), sizeOfLeftovers()]);
  return { usage: usage ?? 0, quota: quota ?? 0, leftovers };
};

/** What this browser keeps, and how films are sent from it. */
export function StorageSection() {
  const [used, { refetch }] = createResource(measure);
  const [originals, setOriginals] = createSignal(keepsOriginals());
  const clear = async () => {
    await dropLeftovers();
    await refetch();
  };
  return (
    <Section title={m.settings_storage()} text={m.settings_storageText()}>
      <Loaded resource={used} onRetry={() => void refetch()}>
        {(now) => (
          <>
            <p class="text-[0.9375rem] font-semibold tabular-nums" data-testid="storage-used">
              {m.settings_used({ used: formatBytes(now().usage), quota: formatBytes(now().quota) })}
            </p>
            <Show when={now().leftovers > 0}>
              <div class="mt-1 flex flex-wrap items-center gap-x-4 gap-y-2" data-testid="leftovers">
                <p class="text-[0.9375rem] text-muted tabular-nums">
                  {m.settings_leftovers({ size: formatBytes(now().leftovers) })}
                </p>
                <Button onClick={() => void clear()}>{m.settings_clear()}</Button>
              </div>
            </Show>
          </>
        )}
      </Loaded>
      <div class="mt-4">
        <Switch
          label={m.settings_originals()}
          hint={m.settings_originalsText()}
          on={originals()}
          onChange={(on) => {
            keepOriginals(on);
            setOriginals(on);
          }}
          data-testid="keep-originals"
        />
      </div>
    </Section>
  );
}
