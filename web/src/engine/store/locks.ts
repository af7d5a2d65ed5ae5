/** One writer at a time, over all tabs: Web Locks where the platform has them, else a queue of this process. */
export interface Locks {
  /** Runs `task` alone among all that asked for `name`. */
  run<T>(name: string, task: () => Promise<T>): Promise<T>;
  /** Runs `task` unless `name` is taken now; undefined when it is. */
  tryRun<T>(name: string, task: () => Promise<T>): Promise<T | undefined>;
  /** Takes `name` unless it is taken now: looking and taking are one step. Answers what lets it go; undefined when it is taken. */
  take(name: string): Promise<(() => void) | undefined>;
  /** Whether `name` is taken now. */
  taken(name: string): Promise<boolean>;
}

const queues = new Map<string, Promise<unknown>>();

/** Locks whose names start with `prefix`. */
export function createLocks(prefix: string): Locks {
  const web = globalThis.navigator?.locks as LockManager | undefined;
  if (web)
    return {
      take,
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
    take,
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

function take(this: Locks, name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const held = Promise.withResolvers<void>();
    this.tryRun(name, () => {
      resolve(held.resolve);
      return held.promise;
      // Once it is held, this resolves nothing any more.
    }).then(() => resolve(undefined), reject);
  });
}
