import * as z from 'zod/mini';
import { Uuid } from './scalars.ts';

/** Places of an error that are told and kept, from the innermost out: enough to find it, too few to fill a log with. */
export const mostFrames = 10;

/** A place in our own code. Nothing else of an error is ever reported: its message may quote what somebody wrote. */
export const Frame = z.strictObject({
  function: z.optional(z.string().check(z.regex(/^[\w$.<>]{1,80}$/))),
  /** The file's name without its folders or origin. */
  file: z.string().check(z.regex(/^[\w.-]{1,100}\.[jt]sx?$/)),
  line: z.int().check(z.minimum(0)),
  column: z.int().check(z.minimum(0)),
});
export type Frame = z.infer<typeof Frame>;

/** The app's screens, by the first part of their addresses: what follows it may be an invitation. */
export const Screen = z.enum(['rooms', 'r', 'invite', 'share', 'settings', 'admin', 'other']);
export type Screen = z.infer<typeof Screen>;
/** An error's class. */
export const ErrorName = z.string().check(z.regex(/^[A-Za-z]{1,60}$/));

/** What a client tells of an error of its own code: all that it tells. */
export const ErrorReport = z.strictObject({
  /** The number that its person is shown. */
  id: Uuid,
  error: ErrorName,
  screen: Screen,
  /** Apps that are still open may be of the version that told twenty. */
  frames: z.array(Frame).check(z.maxLength(20)),
});
export type ErrorReport = z.infer<typeof ErrorReport>;

/** The class of whatever was thrown. */
export function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : `Thrown${typeof error}`;
  return ErrorName.safeParse(name).success ? name : 'Error';
}

/** `at f (file:1:2)`, `at file:1:2` as V8 writes, `f@file:1:2` as Firefox and Safari do. */
const patterns = [/^\s*at (?:async )?(?:(.*?) \()?(\S+?):(\d+):(\d+)\)?$/, /^(.*?)@(\S+?):(\d+):(\d+)$/];

/** Where an error came from, the innermost first; nothing of its message, and no address. */
export function framesOf(error: unknown): Frame[] {
  if (!(error instanceof Error) || !error.stack) return [];
  const { message, stack } = error;
  // V8 puts the message above the places, and its lines could look like some.
  const at = message === '' ? -1 : stack.indexOf(message);
  const places = at < 0 ? stack : stack.slice(at + message.length);
  const frames: Frame[] = [];
  for (const text of places.split('\n')) {
    const found = patterns.map((pattern) => pattern.exec(text)).find(Boolean);
    if (!found) continue;
    const [, name = '', path = '', line, column] = found;
    const file =
      path
        .replace(/[?#].*$/, '')
        .split('/')
        .at(-1) ?? '';
    const place = { file, line: Number(line), column: Number(column) };
    const named = Frame.safeParse({ ...place, function: name.replace(/^(new|async) /, '') });
    const frame = named.success ? named : Frame.safeParse(place);
    if (frame.success) frames.push(frame.data);
  }
  return frames.slice(0, mostFrames);
}

/** A place as one line. */
export const placeOf = ({ function: name = '?', file, line, column }: Frame): string =>
  `${name} ${file}:${line}:${column}`;
