import { createResource, createSignal, Show } from 'solid-js';
import { sentence, useEngine } from '../../engine/solid/context.tsx';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Note, Section } from './section.tsx';
import { strings } from './strings.ts';

interface Kept {
  /** Bytes that the app has here. */
  readonly used: number | undefined;
  /** Whether the browser has promised not to delete it by itself; undefined where it can't say. */
  readonly safe: boolean | undefined;
}

async function look(): Promise<Kept> {
  const storage = navigator.storage as Partial<StorageManager> | undefined;
  return {
    used: (await storage?.estimate?.())?.usage,
    safe: await storage?.persisted?.(),
  };
}

/** What this browser has of the account, whether it keeps it, and the way to take a copy away. */
export function DataSection() {
  const engine = useEngine();
  const [kept, { mutate }] = createResource(look);
  const [problem, setProblem] = createSignal<string>();
  const [done, setDone] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);

  const protect = async () => {
    const safe = await navigator.storage.persist();
    mutate((before) => ({ used: before?.used, safe }));
    setProblem(safe ? undefined : strings.notProtected);
  };
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    setDone(undefined);
    try {
      const url = URL.createObjectURL(await engine.exportAll());
      const link = document.createElement('a');
      link.href = url;
      link.download = `stream-chat-${new Date().toISOString().slice(0, 10)}.json`;
      link.click();
      // The browser has to have opened it before it may go.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      setDone(strings.exported);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Section title={strings.data} text={strings.dataText}>
      <Show when={kept()}>
        {(here) => (
          <p class="max-w-prose text-[0.9375rem]/6 text-pretty" data-testid="kept">
            <Show when={here().used !== undefined}>{strings.used(formatBytes(here().used!))} </Show>
            <Show when={here().safe !== undefined}>
              {here().safe ? strings.protectedHere : strings.mayBeDeleted}
            </Show>
          </p>
        )}
      </Show>
      <div class="mt-4 flex flex-wrap gap-2.5">
        <Button busy={busy()} onClick={save} data-testid="export">
          {strings.export}
        </Button>
        <Show when={kept()?.safe === false}>
          <Button onClick={protect}>{strings.protect}</Button>
        </Show>
      </div>
      <Note good={done()} bad={problem()} />
    </Section>
  );
}
