/** One writer at a time, over all tabs: Web Locks where the platform has them, else a queue of this process. */
export interface Locks {
  /** Runs `task` alone among all that asked for `name`. */
  run<T>(name: string, task: () => Promise<T>): Promise<T>;
}

const queues = new Map<string, Promise<unknown>>();

/** Locks whose names start with `prefix`. */
export function createLocks(prefix: string): Locks {
  const web = globalThis.navigator?.locks as LockManager | undefined;
  if (web)
    return {
      run: (name, task) =>
        web.request(`${prefix}:${name}`, task) as Promise<Awaited<ReturnType<typeof task>>>,
    };
  return {
    run(name, task) {
      const key = `${prefix}:${name}`;
      const turn = (queues.get(key) ?? Promise.resolve()).then(task, task);
      queues.set(
        key,
        turn.catch(() => {}),
      );
      return turn;
    },
  };
}
