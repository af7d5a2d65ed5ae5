const name = 'stream-chat.in-front';

/** Whether some tab of this browser is in front of its person: no other one needs to call them. */
export async function anyInFront(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === name);
}

/** Says that this tab is in front for as long as it is; answers how to stop. */
export function sayInFront(): () => void {
  let release: (() => void) | undefined;
  const follow = () => {
    const front = document.visibilityState === 'visible';
    if (front && !release) {
      const { promise, resolve } = Promise.withResolvers<void>();
      release = resolve;
      void navigator.locks.request(name, { mode: 'shared' }, () => promise);
    } else if (!front) {
      release?.();
      release = undefined;
    }
  };
  follow();
  document.addEventListener('visibilitychange', follow);
  return () => {
    document.removeEventListener('visibilitychange', follow);
    release?.();
  };
}
