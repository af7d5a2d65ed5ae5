import * as z from 'zod/mini';
import { concat, utf8 } from './bytes.ts';
import { uuidPattern } from './spelling.ts';

/** Bytes of the two names (method and route) and others that a line may have: nothing that people write fits in there. */
const word = z.string().check(z.regex(/^[\w.:/*$<> -]{1,120}$/));

/**
 * One line of the log. What may stand in it is listed here, and is about our own code: no body, address, email or name has a field.
 * `who` is an account under a pseudonym of that day.
 */
export const LogLine = z.strictObject({
  /** Milliseconds since 1970. */
  at: z.int(),
  level: z.enum(['info', 'warn', 'error']),
  event: z.string().check(z.regex(/^[a-z][a-z-]{1,39}$/)),
  /** The request that it belongs to: what an answer's `x-request-id` and a problem's `instance` say. */
  request: z.optional(z.string().check(z.regex(uuidPattern))),
  who: z.optional(z.string().check(z.regex(/^[\w-]{12}$/))),
  method: z.optional(word),
  /** The route's pattern, never the address itself. */
  route: z.optional(word),
  status: z.optional(z.int()),
  ms: z.optional(z.int()),
  problem: z.optional(word),
  /** An error's class, never its message: that may quote data. */
  error: z.optional(word),
  sqlState: z.optional(word),
  constraint: z.optional(word),
  /** Where in our code. */
  stack: z.optional(z.array(z.string().check(z.maxLength(300)))),
  count: z.optional(z.int()),
});
export type LogLine = z.infer<typeof LogLine>;

/** Lines that a `Journal` holds at the most; of more the oldest go, and are counted. */
const most = 1000;

/** What one isolate has to say to the sealed log and has not told yet; without a sealed log, what it prints. */
export class Journal {
  readonly #print: Pick<Console, 'warn' | 'error'>;
  #lines: LogLine[] = [];
  #lost = 0;

  /** @param print where lines go that are not sealed: warnings and errors alone */
  constructor(print: Pick<Console, 'warn' | 'error'>) {
    this.#print = print;
  }

  /** Keeps a line for the sealed log, or prints it where there is none (`sealed`). Of one that doesn't fit its schema only that is said. */
  write(line: Omit<LogLine, 'at'>, sealed: boolean): void {
    const read = LogLine.safeParse({ at: Date.now(), ...line });
    const fit = read.success ? read.data : { at: Date.now(), level: line.level, event: 'line-refused' };
    if (sealed) this.#add([...this.#lines, fit]);
    else if (fit.level !== 'info') this.#print[fit.level](JSON.stringify(fit));
  }

  #add(all: readonly LogLine[]): void {
    this.#lost += Math.max(0, all.length - most);
    this.#lines = all.slice(-most);
  }

  /** What is to be told, which it then forgets. */
  take(): LogLine[] {
    const lost: LogLine[] =
      this.#lost === 0 ? [] : [{ at: Date.now(), level: 'warn', event: 'lines-lost', count: this.#lost }];
    const lines = [...this.#lines, ...lost];
    this.#lines = [];
    this.#lost = 0;
    return lines;
  }

  /** What could not be told is told with the next. */
  giveBack(lines: readonly LogLine[]): void {
    this.#add([...lines, ...this.#lines]);
  }
}

/** The name of the one object that seals what all isolates tell. */
export const logsName = 'service';
/** What every object of the log begins with, in the bucket. */
export const logsPrefix = 'logs/';
/** HPKE's `info` (RFC 9180): what is sealed for this opens as nothing else. */
export const logsInfo = utf8('stream-chat sealed logs v1');

/** Where a parcel of lines is kept, the first of which is from `at` (ms): a folder an hour, names in the order of time. `n` tells parcels of one moment apart. */
export function logKey(at: number, n: number): string {
  const instant = new Date(at).toISOString();
  const [date = '', time = ''] = instant.split('T');
  const name = `${instant.replace(/[-:.]/g, '')}-${n}`;
  return `${logsPrefix}${date.replaceAll('-', '/')}/${time.slice(0, 2)}/${name}`;
}

/** Several sealed pieces as one object: a length of four bytes, big-endian, before each. */
export const joinSealed = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  concat(
    ...pieces.flatMap((piece) => {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, piece.length);
      return [length, piece];
    }),
  );

/** The pieces again; throws a RangeError where the object is cut. */
export function splitSealed(object: Uint8Array): Uint8Array[] {
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < object.length; ) {
    const end = at + 4 + view.getUint32(at);
    if (end > object.length) throw new RangeError('the object is cut');
    pieces.push(object.subarray(at + 4, end));
    at = end;
  }
  return pieces;
}

/** Bytes of lines that are sealed as one piece at the most: far below the 2 MB that a row of an object's SQLite may have. */
export const pieceSize = 256 << 10;
/** Lines as texts of at most `pieceSize` bytes each, in their order; one a line of JSON. */
export function writePieces(lines: readonly LogLine[]): string[] {
  const pieces: string[] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const text = `${JSON.stringify(line)}\n`;
    const { length } = utf8(text);
    if (size + length > pieceSize) {
      pieces.push('');
      size = 0;
    }
    pieces[pieces.length - 1] += text;
    size += length;
  }
  return pieces;
}
/** The lines of a text; throws where one is none of ours. */
export const readLines = (text: string): LogLine[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : LogLine.parse(JSON.parse(line))));
