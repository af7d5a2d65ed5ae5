import { type Accessor, createSignal, onCleanup } from 'solid-js';

const long = 3000;

/** A signal that, set to true, is so for a moment: "Copied", "Saved". */
export function createMoment(): [holds: Accessor<boolean>, set: (value: boolean) => void] {
  const [holds, setHolds] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const set = (value: boolean) => {
    setHolds(value);
    clearTimeout(timer);
    if (value) timer = setTimeout(() => setHolds(false), long);
  };
  return [holds, set];
}
