/** One writer at a time, over all tabs: Web Locks where the platform has them, else a queue of this process. */
export interface Locks {
  /** Runs `task` alone among all that asked for `name`. */
  run<T>(name: string, task: () => Promise<T>): Promise<T>;
  /** Runs `task` unless `name` is taken now; undefined when it is. */
  tryRun<T>(name: string, task: () => Promise<T>): Promise<T | undefined>;
  /** Whether `name` is taken now. */
  taken(name: string): Promise<boolean>;
}

const queues = new Map<string, Promise<unknown>>();

/** Locks whose names start with `prefix`. */
export function createLocks(prefix: string): Locks {
  const web = globalThis.navigator?.locks as LockManager | undefined;
  if (web)
    return {
      run: (name, task) =>
        web.request(`${prefix}:${name}`, task) as Promise<Awaited<ReturnType<typeof task>>>,
      tryRun: (name, task) =>
        web.request(`${prefix}:${name}`, { ifAvailable: true }, async (lock) =>
          lock ? task() : undefined,
        ) as Promise<Awaited<ReturnType<typeof task>> | undefined>,
      taken: async (name) =>
        (await web.query()).held?.some((lock) => lock.name === `${prefix}:${name}`) ?? false,
    };
  const taken = (name: string) => queues.has(`${prefix}:${name}`);
  return {
    taken: async (name) => taken(name),
    async tryRun(name, task) {
      return taken(name) ? undefined : this.run(name, task);
    },
    run(name, task) {
      const key = `${prefix}:${name}`;
      const turn = (queues.get(key) ?? Promise.resolve()).then(task, task);
      const settled: Promise<unknown> = turn
        .catch(() => {})
        .finally(() => {
          if (queues.get(key) === settled) queues.delete(key);
        });
      queues.set(key, settled);
      return turn;
    },
  };
}
