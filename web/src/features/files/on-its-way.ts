import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from 'solid-js';

/** Milliseconds for which a file must be on its way before that is worth a word, or its place is kept. */
const soon = 1000;

/** Whether a file is on its way, which it is while `progress` is defined; and whether it has been so for a while, now or before. */
export function onItsWay(progress: () => unknown): { under: Accessor<boolean>; long: Accessor<boolean> } {
  // A memo: each bit of progress is an object of its own, and would begin the wait anew.
  const under = createMemo(() => progress() !== undefined);
  const [long, setLong] = createSignal(false);
  createEffect(() => {
    if (!under()) return;
    const timer = setTimeout(() => setLong(true), soon);
    onCleanup(() => clearTimeout(timer));
  });
  return { under, long };
}
