/**
 * Gives the memory of `bytes` back at once, not when a collector comes by. Nothing may read them afterwards. Leaves alone what is a
 * part of something larger.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer?.(0);
}

/** Bytes: what lets Chromium's collector come by at once. */
const uncounted = 2 ** 26;
/** Kept by the module, or the build would leave it out. */
export let weight: ArrayBuffer | undefined;

/**
 * Lets the collector come by. Chromium keeps its copy of a body that was sent until then, but counts only what scripts hold: without
 * this, gigabytes wait. A buffer that nobody touches is counted, and takes no memory.
 */
export function callCollector(): void {
  try {
    weight = new ArrayBuffer(uncounted);
  } catch {
    // A device that has not even room for addresses collects by itself.
  }
}
