/** Reading what Matroska and WebM are written in (EBML, RFC 8794). */

/** A number of variable size (RFC 8794, section 4), with or without its marker; an unknown size is 0. */
export function vint(
  bytes: Uint8Array,
  at: number,
  bare: boolean,
): { value: number; next: number } | undefined {
  const first = bytes[at];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return undefined;
  let value = bare ? first & (0xff >> length) : first;
  let known = !bare || value !== 0xff >> length;
  for (let i = 1; i < length; i++) {
    known ||= bytes[at + i] !== 0xff;
    value = value * 256 + bytes[at + i]!;
  }
  return { value: known ? value : 0, next: at + length };
}

const windowSize = 64 * 2 ** 10;

/** Looks into a file through a piece of it. */
export class Window {
  readonly #source: Blob;
  #from = 0;
  #bytes = new Uint8Array();

  constructor(source: Blob) {
    this.#source = source;
  }

  /** The element at `at`: its id, where its content begins, and how long that is (0 where it isn't told). */
  async element(at: number): Promise<{ id: number; content: number; size: number } | undefined> {
    const bytes = await this.bytes(at, 12);
    const kind = vint(bytes, 0, false);
    const size = kind && vint(bytes, kind.next, true);
    return kind && size && { id: kind.value, content: at + size.next, size: size.value };
  }

  async number(at: number): Promise<{ value: number; next: number } | undefined> {
    return vint(await this.bytes(at, 8), 0, true);
  }

  /** `length` bytes at `at`, fewer at the end of the file. */
  async bytes(at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (at < this.#from || at + length > this.#from + this.#bytes.length) {
      const piece = this.#source.slice(at, at + Math.max(length, windowSize));
      this.#bytes = new Uint8Array(await piece.arrayBuffer());
      this.#from = at;
    }
    return this.#bytes.subarray(at - this.#from, at - this.#from + length);
  }
}
