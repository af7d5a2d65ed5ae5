import { StoredPreferences } from '../../../../protocol/stored.ts';
import { type Observable, Subject } from '../observable.ts';
import type { Store } from '../store/store.ts';
import { Turns } from '../turns.ts';

export type Preferences = StoredPreferences;

/** What a person has chosen on this device, kept sealed with the rest. */
export class DevicePreferences {
  readonly #subject = new Subject<Preferences>(StoredPreferences.parse({}));
  /** What is read while a change is being written would take it back, and one change another. */
  readonly #turns = new Turns();

  get observable(): Observable<Preferences> {
    return this.#subject;
  }

  get now(): Preferences {
    return this.#subject.get();
  }

  /** Takes what the store has; nothing there is as if nobody had ever chosen. */
  read(store: Store): Promise<void> {
    return this.#turns.run(() => this.#read(store));
  }

  /** Changes some of it, also for the next start. */
  change(store: Store, change: Partial<Preferences>): Promise<void> {
    return this.#turns.run(async () => {
      await this.#read(store);
      const value = StoredPreferences.parse({ ...this.now, ...change });
      this.#subject.set(value);
      await store.write([{ table: 'preferences', key: 'me', value }]);
    });
  }

  async #read(store: Store): Promise<void> {
    this.#subject.set((await store.get('preferences', 'me')) ?? StoredPreferences.parse({}));
  }
}
