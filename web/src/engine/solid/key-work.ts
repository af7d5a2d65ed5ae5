import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type { KeyWork } from '../types.ts';

/** Work on keys, as a form shows it: whether it runs, how far it is, and how to give it up. */
export interface RunningKeyWork {
  readonly busy: Accessor<boolean>;
  /** From 0 to 1; undefined while nothing is known, and once the service is being asked. */
  readonly progress: Accessor<number | undefined>;
  /** Whether it can be given up: not once the service is being asked, as nobody could tell what it has done by then. */
  readonly canCancel: Accessor<boolean>;
  /** Runs `task`; answers false when it was given up. Throws what it throws. */
  run(task: (work: KeyWork) => Promise<void>): Promise<boolean>;
  /** Gives it up, where it can be; else it goes on, and its answer comes. */
  cancel(): void;
}

/** One piece of work on keys at a time; leaving the form gives it up, where it can be. */
export function createKeyWork(): RunningKeyWork {
  const [busy, setBusy] = createSignal(false);
  const [progress, setProgress] = createSignal<number>();
  const [asking, setAsking] = createSignal(false);
  let running: AbortController | undefined;
  const cancel = () => {
    if (!asking()) running?.abort();
  };
  onCleanup(cancel);
  return {
    busy,
    progress,
    canCancel: () => busy() && !asking(),
    cancel,
    async run(task) {
      const mine = new AbortController();
      running = mine;
      setBusy(true);
      setProgress(undefined);
      setAsking(false);
      try {
        await task({
          signal: mine.signal,
          onProgress: (part) => {
            setProgress(part < 1 ? part : undefined);
            setAsking(part >= 1);
          },
        });
        return true;
      } catch (error) {
        if (mine.signal.aborted && error === mine.signal.reason) return false;
        throw error;
      } finally {
        setBusy(false);
      }
    },
  };
}
