import { contentKinds } from '../../../../protocol/content.ts';
import type { Row } from './store.ts';

/** What a room's row without `kinds` was written by did not know, of what this version knows. */
const unknownOnce = new Set(['profile']);

/** Kinds of content whose messages have been stored in this room by a version that did not know what they mean. */
export const newKinds = ({ kinds }: Pick<Row<'rooms'>, 'kinds'>): ReadonlySet<string> =>
  new Set([...contentKinds].filter((kind) => (kinds ? !kinds.includes(kind) : unknownOnce.has(kind))));

/** Whether a room was last written to by a version that heard nothing of who people are when it was given their keys. */
export const lacksFaces = (row: Pick<Row<'rooms'>, 'kinds'>): boolean => newKinds(row).has('profile');

/** As `kinds` of a room's row, once this version has taken in messages: what it doesn't know either is new to whoever comes next. */
export function takenKinds(row: Pick<Row<'rooms'>, 'kinds'>): string[] {
  const fresh = newKinds(row);
  return [...contentKinds].filter((kind) => !fresh.has(kind));
}
