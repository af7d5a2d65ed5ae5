import type { Api } from '../../api.ts';
import type { Locks } from '../../store/locks.ts';
import type { Store, Table } from '../../store/store.ts';

/** Thrown to whoever waits for a host that has died. */
export class Died extends Error {}

/**
 * A life that ends at its step number `end`: each call of the store, its locks and the service is a step, a write two (before it,
 * and after it is durable). From then on nothing is answered any more, as when a worker is killed; locks fall free.
 */
export class Life {
  readonly #end: number;
  #steps = 0;
  readonly #death = Promise.withResolvers<never>();

  constructor(end = Number.POSITIVE_INFINITY) {
    this.#end = end;
    this.#death.promise.catch(() => {});
  }

  get over(): boolean {
    return this.#steps >= this.#end;
  }

  /** `task`'s outcome, unless this life ends before it. */
  lasts<T>(task: Promise<T>): Promise<T> {
    return Promise.race([task, this.#death.promise]);
  }

  async #step(): Promise<void> {
    if (!this.over && ++this.#steps >= this.#end) this.#death.reject(new Died());
    if (this.over) await new Promise(() => {});
  }

  store(store: Store<Table>): Store<Table> {
    const steps = new Set(['get', 'list', 'listBefore', 'listFrom', 'any', 'write']);
    return new Proxy(store, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as ((...args: unknown[]) => unknown) | undefined;
        // A draft reads and writes by the store that it was made of: this one.
        if (name === 'draft' || !method) return method;
        if (!steps.has(String(name))) return method.bind(target);
        return async (...args: unknown[]) => {
          await this.#step();
          const result = await method.apply(target, args);
          if (name === 'write') await this.#step();
          return result;
        };
      },
    });
  }

  locks(locks: Locks): Locks {
    return {
      ...locks,
      run: async (name, task) => {
        await this.#step();
        return locks.run(name, () => this.lasts(task()));
      },
    };
  }

  api(api: Api): Api {
    const call = api as (name: string, args: unknown) => Promise<unknown>;
    return (async (name: string, args: unknown) => {
      await this.#step();
      const reply = await call(name, args);
      await this.#step();
      return reply;
    }) as Api;
  }
}
