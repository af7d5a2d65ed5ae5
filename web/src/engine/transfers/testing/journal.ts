import type { EarlierRun, UploadJournal, UploadPlan } from '../types.ts';

/** A journal that lasts as long as the test. */
export class MemoryJournal implements UploadJournal {
  readonly hashes: string[] = [];
  #plan: UploadPlan | undefined;

  async begun(plan: UploadPlan): Promise<void> {
    this.#plan = plan;
  }

  async made({ index, hash }: { index: number; hash: string }): Promise<void> {
    this.hashes[index] = hash;
  }

  /** What another run goes on from. */
  get earlier(): EarlierRun {
    return { ...this.#plan!, hashes: this.hashes };
  }
}
