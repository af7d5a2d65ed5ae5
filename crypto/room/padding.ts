const smallest = 256;
const largest = 40_960;

/** A plaintext is longer than any bucket. */
export class TooLongError extends Error {
  constructor() {
    super(`a message holds at most ${largest - 1} bytes`);
    this.name = 'TooLongError';
  }
}

/**
 * Pads to a bucket (powers of two from 256 bytes, at last 40 960) by 0x80 and zeros (ISO/IEC 7816-4), so that the
 * length of a message tells little. Throws TooLongError when it fits none.
 */
export function pad(plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  const needed = plaintext.length + 1;
  if (needed > largest) throw new TooLongError();
  const size = Math.min(largest, Math.max(smallest, 2 ** Math.ceil(Math.log2(needed))));
  const out = new Uint8Array(size);
  out.set(plaintext);
  out[plaintext.length] = 0x80;
  return out;
}

/** Undoes `pad`; throws when the padding is not of its form. */
export function unpad(padded: Uint8Array): Uint8Array {
  let end = padded.length - 1;
  while (padded[end] === 0) end--;
  if (padded[end] !== 0x80) throw new Error('the padding of a message is malformed');
  return padded.subarray(0, end);
}
