import { SignalError } from './errors.ts';
import { wipe } from './primitives.ts';

/** Writes stored states: big-endian numbers, and bytes of a known length or with their length before them. */
export class Writer {
  #bytes = new Uint8Array(1024);
  #length = 0;

  u8(value: number): this {
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }

  u32(value: number): this {
    const at = this.#take(4);
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
    return this;
  }

  /** Bytes whose length the reader knows. */
  fixed(bytes: Uint8Array): this {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).fixed(bytes);
  }

  /** The number of items, then each of them. */
  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.u32(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** Whether there is a value, then the value. */
  optional<T>(value: T | undefined, write: (value: T) => void): this {
    this.u8(value === undefined ? 0 : 1);
    if (value !== undefined) write(value);
    return this;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Where the next `count` bytes go. */
  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      wipe(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }
}

/** Reads what `Writer` wrote. Every method throws SignalError `malformed` when the bytes don't have that form. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(): number {
    return this.#next(1)[0]!;
  }

  u32(): number {
    const [a, b, c, d] = this.#next(4);
    return ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0;
  }

  /** A copy of the next `length` bytes. */
  fixed(length: number): Uint8Array {
    return this.#next(length).slice();
  }

  #next(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at)
      throw new SignalError('malformed', 'the stored state is cut short');
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  bytes(): Uint8Array {
    return this.fixed(this.u32());
  }

  list<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.u32(); left > 0; left--) items.push(read());
    return items;
  }

  optional<T>(read: () => T): T | undefined {
    const present = this.u8();
    if (present > 1) throw new SignalError('malformed', 'the stored state is damaged');
    return present ? read() : undefined;
  }

  /** Checks that nothing is left. */
  finish(): void {
    if (this.#at !== this.#bytes.length)
      throw new SignalError('malformed', 'the stored state has bytes left over');
  }
}

/**
 * Begins reading a state of one kind, in `newest` or any format before it; the first is 1.
 *
 * @throws SignalError `malformed` for another kind, `unsupported-version` for a format from the future
 */
export function openState(
  bytes: Uint8Array,
  kind: number,
  newest: number,
): { reader: Reader; format: number } {
  const reader = new Reader(bytes);
  if (reader.u8() !== kind) throw new SignalError('malformed', 'the stored state is of another kind');
  const format = reader.u8();
  if (format < 1 || format > newest)
    throw new SignalError('unsupported-version', 'the stored state has an unknown format');
  return { reader, format };
}
