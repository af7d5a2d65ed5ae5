import { type Accessor, createSignal } from 'solid-js';
import { reasonOf, sentence } from '../../engine/solid/context.tsx';
import type { OpenedFile } from '../../engine/transfers/types.ts';
import { m } from '../../language/index.ts';
import { createMoment } from '../../ui/moment.ts';
import { saveFile } from './save.ts';

export interface Saving {
  /** 0 to 1 while it runs. */
  readonly progress: Accessor<number | undefined>;
  /** True for a moment after it has been saved. */
  readonly done: Accessor<boolean>;
  readonly problem: Accessor<string | undefined>;
  /** The last one that was saved was put together from its tracks: not the bytes that were sent. */
  readonly rewritten: Accessor<boolean>;
  /** `original`: the file itself, where it was sent besides its tracks. */
  save(file: OpenedFile, original?: boolean): Promise<void>;
  stop(): void;
}

/** Saving one file, with what to show meanwhile. */
export function useSaving(): Saving {
  const [progress, setProgress] = createSignal<number>();
  const [done, setDone] = createMoment();
  const [problem, setProblem] = createSignal<string>();
  const [rewritten, setRewritten] = createSignal(false);
  let abort = new AbortController();

  const save = async (file: OpenedFile, original = false) => {
    if (progress() !== undefined) return;
    abort = new AbortController();
    setProblem(undefined);
    setRewritten(false);
    setProgress(0);
    try {
      const saved = await saveFile(file, { signal: abort.signal, onProgress: setProgress, original });
      setDone(saved);
      setRewritten(saved && file.head.layout === 'tracks' && !original);
    } catch (error) {
      const full = error instanceof DOMException && error.name === 'QuotaExceededError';
      if (full) setProblem(m.files_noSpace());
      else if (reasonOf(error) !== 'cancelled')
        setProblem(reasonOf(error) ? sentence(error) : m.files_saveFailed());
    } finally {
      setProgress(undefined);
    }
  };
  return { progress, done, problem, rewritten, save, stop: () => abort.abort() };
}
