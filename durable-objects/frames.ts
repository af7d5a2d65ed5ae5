import { utf8 } from '../protocol/bytes.ts';
import { type Problem, problem } from '../protocol/problem.ts';
import { Uuid, userOf } from '../protocol/scalars.ts';
import { ClientFrame, type Message, maxFrame, type ServerFrame } from '../protocol/socket.ts';

/** A frame that was read, or the problem that its sender is told, with the message's id where it has one. */
export type ReadFrame = { readonly frame: ClientFrame } | { readonly problem: Problem; readonly id?: string };

/** Reads what came by a socket. Throws nothing. */
export function readFrame(data: string | ArrayBuffer): ReadFrame {
  if (typeof data !== 'string') return { problem: problem('bad-request', 'Frames are JSON text.') };
  if (isOversize(data)) return { problem: problem('too-large', `A frame holds at most ${maxFrame} bytes.`) };
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return { problem: problem('bad-request', 'Frames are JSON text.') };
  }
  const read = ClientFrame.safeParse(json);
  if (read.success) return { frame: read.data };
  const errors = read.error.issues.slice(0, 8).map((issue) => ({
    pointer: issue.path.map((part) => `/${String(part)}`).join(''),
    // It may name every unknown field of the frame.
    detail: issue.message.slice(0, 200),
  }));
  const id = Uuid.safeParse((json as { id?: unknown } | null)?.id);
  return { problem: problem('invalid-body', undefined, { errors }), ...(id.success ? { id: id.data } : {}) };
}

/** A character of a string takes one to three bytes: most frames need no counting. */
const isOversize = (text: string): boolean =>
  text.length > maxFrame || (text.length * 3 > maxFrame && utf8(text).length > maxFrame);

/** The text of a frame for clients. */
export const frameText = (frame: ServerFrame): string => JSON.stringify(frame);

/** How many characters one packed frame holds, unless a single message has more. */
const packedSize = 256 * 1024;

/** A message as its part of a packed frame's text. */
export interface Part {
  readonly text: string;
  /** Whose alone it is. */
  readonly only?: string;
}

/** Serialises a message once, however many frames it will be part of. */
export const toPart = (message: Message): Part => ({
  text: JSON.stringify(message),
  ...(message.recipient === undefined ? {} : { only: userOf(message.recipient) }),
});

/** Cuts `parts` into runs that each make a frame of bounded size. */
export function* runs(parts: readonly Part[]): Generator<readonly Part[]> {
  let start = 0;
  let size = 0;
  for (const [i, { text }] of parts.entries()) {
    if (i > start && size + text.length > packedSize) {
      yield parts.slice(start, i);
      start = i;
      size = 0;
    }
    size += text.length;
  }
  if (start < parts.length) yield parts.slice(start);
}

/** The `message` frame of one run as `userId` gets it (without: what everybody gets); undefined when that is nothing. */
export function packed(run: readonly Part[], userId?: string): string | undefined {
  const texts = run.filter(({ only }) => only === undefined || only === userId).map(({ text }) => text);
  return texts.length === 0 ? undefined : `{"t":"message","items":[${texts.join(',')}]}`;
}
