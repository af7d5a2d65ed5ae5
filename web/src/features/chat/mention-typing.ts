import { fold, indexOfWord } from '../../engine/search/fold.ts';
import type { Member } from '../../engine/types.ts';

/** An `@` and what follows it, up to where somebody is typing. */
export interface Typed {
  /** Where the `@` is. */
  readonly at: number;
  readonly name: string;
}

/** The name that is being typed before `caret`; undefined where none is. A name may have one space in it. */
export function nameBefore(text: string, caret: number): Typed | undefined {
  const found = /(?:^|[^\p{L}\p{N}_])@([\p{L}\p{N}_’'.-]*(?: [\p{L}\p{N}_’'.-]+)?)$/u.exec(
    text.slice(0, caret),
  );
  if (!found) return undefined;
  const name = found[1]!;
  return { at: caret - name.length - 1, name };
}

/** How many are offered. */
const most = 6;

/** Members whose name has a word that begins so; those whose name itself does, first. */
export function membersNamed(members: readonly Member[], typed: string): Member[] {
  const word = fold(typed.normalize('NFC'));
  return members
    .filter(({ isMe }) => !isMe)
    .map((member) => ({ member, at: indexOfWord(fold(member.name.normalize('NFC')), word) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => Math.min(a.at, 1) - Math.min(b.at, 1) || a.member.name.localeCompare(b.member.name))
    .slice(0, most)
    .map(({ member }) => member);
}
