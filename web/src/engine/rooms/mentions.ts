import { isContent } from '../../../../protocol/content.ts';

/** Somebody who can be named. */
export interface Nameable {
  readonly id: string;
  readonly name: string;
}

/** Where a text names somebody. */
export interface Mention extends Nameable {
  readonly begin: number;
  readonly end: number;
}

const wordChar = /[\p{L}\p{N}_]/u;

/** Whom a text names, in order: an `@` that begins a word, and a name as it is written, whole; the longer of two. Pure. */
export function mentioned(text: string, people: readonly Nameable[]): Mention[] {
  const byLength = people.filter(({ name }) => name !== '').toSorted((a, b) => b.name.length - a.name.length);
  const found: Mention[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (wordChar.test(text[at - 1] ?? ' ')) continue;
    const rest = text.slice(at + 1).toLowerCase();
    const fits = byLength.filter(
      ({ name }) => rest.startsWith(name.toLowerCase()) && !wordChar.test(rest[name.length] ?? ' '),
    );
    const [longest] = fits;
    // Two people of one name are both meant.
    for (const each of fits)
      if (each.name.length === longest!.name.length)
        found.push({ ...each, begin: at, end: at + 1 + each.name.length });
  }
  return found;
}

/** Whether a message names `userId`. Pure. */
export const names = (content: { kind: string }, userId: string): boolean =>
  isContent(content, 'text') && content.mentions?.includes(userId) === true;
