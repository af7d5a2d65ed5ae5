import { Subject } from '../observable.ts';
import type { UploadProgress, UploadState } from './types.ts';

/** Milliseconds that the speed is taken over. */
const window = 10_000;

/** Counts an upload's bytes and tells how fast they go. */
export class Meter {
  readonly progress: Subject<UploadProgress>;
  #marks: { readonly at: number; readonly sent: number }[] = [];

  constructor(total: number) {
    this.progress = new Subject<UploadProgress>({ state: 'preparing', sent: 0, total, bytesPerSecond: 0 });
  }

  /** Changes the state; a speed holds only while bytes move. */
  enter(state: UploadState, problem?: string): void {
    const { sent, total, bytesPerSecond, ...before } = this.progress.get();
    if (before.state === state) return;
    const moving = state === 'uploading';
    if (!moving) this.#marks = [];
    else if (this.#marks.length === 0) this.#marks = [{ at: performance.now(), sent }];
    this.progress.set({
      state,
      sent,
      total,
      bytesPerSecond: moving ? bytesPerSecond : 0,
      ...(problem !== undefined && { problem }),
    });
  }

  expect(total: number): void {
    this.progress.set({ ...this.progress.get(), total });
  }

  /** `bytes` were in storage already: they say nothing of the speed. */
  had(bytes: number): void {
    const { sent, total, ...before } = this.progress.get();
    this.#marks = this.#marks.map((mark) => ({ ...mark, sent: mark.sent + bytes }));
    this.progress.set({ ...before, sent: sent + bytes, total: Math.max(total, sent + bytes) });
  }

  /** `bytes` more have reached storage. */
  add(bytes: number): void {
    const now = performance.now();
    const before = this.progress.get();
    const sent = before.sent + bytes;
    this.#marks.push({ at: now, sent });
    while (this.#marks.length > 2 && now - this.#marks[1]!.at > window) this.#marks.shift();
    const first = this.#marks[0]!;
    const bytesPerSecond = now > first.at ? ((sent - first.sent) * 1000) / (now - first.at) : 0;
    this.progress.set({ ...before, sent, total: Math.max(before.total, sent), bytesPerSecond });
  }
}
