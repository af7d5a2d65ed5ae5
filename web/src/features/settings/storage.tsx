import { createResource, createSignal, Show } from 'solid-js';
import { dropLeftovers, sizeOfLeftovers } from '../../engine/leftovers.ts';
import { m } from '../../language/index.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
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
      <label class="mt-5 flex min-h-11 cursor-pointer items-start gap-3">
        <input
          type="checkbox"
          class="mt-0.5 size-5 shrink-0 accent-accent"
          checked={originals()}
          data-testid="keep-originals"
          onChange={({ currentTarget: { checked } }) => {
            keepOriginals(checked);
            setOriginals(checked);
          }}
        />
        <span class="min-w-0">
          <span class="block text-[0.9375rem]/6 font-semibold">{m.settings_originals()}</span>
          <span class="block max-w-prose text-[0.9375rem]/6 text-pretty text-muted">
            {m.settings_originalsText()}
          </span>
        </span>
      </label>
    </Section>
  );
}
