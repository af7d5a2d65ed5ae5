import { type Accessor, createSignal } from 'solid-js';
import { reasonOf, sentence } from '../../engine/solid/context.tsx';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { createMoment } from '../../ui/moment.ts';
import { saveFile } from './save.ts';
import { strings } from './strings.ts';

export interface Saving {
  /** 0 to 1 while it runs. */
  readonly progress: Accessor<number | undefined>;
  /** True for a moment after it has been saved. */
  readonly done: Accessor<boolean>;
  readonly problem: Accessor<string | undefined>;
  save(file: OpenedFile): Promise<void>;
  stop(): void;
}

/** Saving one file, with what to show meanwhile. */
export function useSaving(): Saving {
  const [progress, setProgress] = createSignal<number>();
  const [done, setDone] = createMoment();
  const [problem, setProblem] = createSignal<string>();
  let abort = new AbortController();

  const save = async (file: OpenedFile) => {
    if (progress() !== undefined) return;
    abort = new AbortController();
    setProblem(undefined);
    setProgress(0);
    try {
      const saved = await saveFile(file, { signal: abort.signal, onProgress: setProgress });
      setDone(saved);
    } catch (error) {
      const full = error instanceof DOMException && error.name === 'QuotaExceededError';
      if (full) setProblem(strings.noSpace);
      else if (reasonOf(error) !== 'cancelled')
        setProblem(reasonOf(error) ? sentence(error) : strings.saveFailed);
    } finally {
      setProgress(undefined);
    }
  };
  return { progress, done, problem, save, stop: () => abort.abort() };
}
