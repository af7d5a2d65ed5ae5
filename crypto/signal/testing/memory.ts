import { bytesToHex } from '@noble/hashes/utils.js';

/** Records what is overwritten with zeros while `task` runs: the bytes as they were before, in hexadecimal. */
export async function overwritten<T>(
  task: () => T | Promise<T>,
): Promise<{ result: T; wiped: ReadonlySet<string> }> {
  const wiped = new Set<string>();
  const restore = [Uint8Array.prototype, Buffer.prototype].map((prototype: Uint8Array) => {
    const { fill } = prototype;
    prototype.fill = function (value, ...range) {
      if (value === 0 && range.length === 0) wiped.add(bytesToHex(this));
      return fill.call(this, value, ...range);
    };
    return () => {
      prototype.fill = fill;
    };
  });
  try {
    return { result: await task(), wiped };
  } finally {
    for (const undo of restore) undo();
  }
}

/** Records the random bytes that `task` asks for, as they came, in hexadecimal. */
export async function drawn<T>(
  task: () => T | Promise<T>,
): Promise<{ result: T; random: readonly string[] }> {
  const random: string[] = [];
  const { getRandomValues } = Crypto.prototype;
  Crypto.prototype.getRandomValues = function (array) {
    const filled = getRandomValues.call(this, array);
    if (filled instanceof Uint8Array) random.push(bytesToHex(filled));
    return filled as typeof array;
  };
  try {
    return { result: await task(), random };
  } finally {
    Crypto.prototype.getRandomValues = getRandomValues;
  }
}
