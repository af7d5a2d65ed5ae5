/**
 * Buffers for objects that are made one after the other, used again: fresh ones of 8 MiB would wait for a collector. No buffer that a
 * browser's own code has made or taken is detached instead (`transfer(0)`): Chromium keeps its bytes until it collects, and no longer
 * counts them as a reason to.
 */
export class Buffers {
  /** All of one size: objects grow along a file until they are full. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  /** A buffer of `size` bytes, whatever may stand in it. */
  take(size: number): Uint8Array<ArrayBuffer> {
    const spare = this.#spare[0]?.length === size ? this.#spare.pop() : undefined;
    return spare ?? new Uint8Array(size);
  }

  /** Nothing may read `bytes` any more. */
  give(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#spare[0]?.length !== bytes.length) this.#spare.length = 0;
    this.#spare.push(bytes);
  }
}

/** Bytes: what lets Chromium's collector come by at once. */
const uncounted = 2 ** 28;
/** Where it is kept: what only a module keeps and nobody reads, the build leaves out. */
const kept = globalThis as { uncountedWeight?: ArrayBuffer };

/**
 * Lets the collector come by. Chromium keeps its copy of a body that was sent until then, but counts only what scripts hold: without
 * this, gigabytes wait. A buffer that nobody touches is counted, and takes no memory; let go at once, it would be no reason to collect more
 * than what is new.
 */
export function callCollector(): void {
  try {
    kept.uncountedWeight = new ArrayBuffer(uncounted);
  } catch {
    // A device that has not even room for addresses collects by itself.
  }
}
