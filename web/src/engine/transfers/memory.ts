/**
 * Gives the memory of `bytes` back at once, not when a collector comes by. Nothing may read them afterwards. Leaves alone what is a
 * part of something larger.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer?.(0);
}

/** Bytes: what lets Chromium's collector come by at once. */
const uncounted = 2 ** 26;
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
