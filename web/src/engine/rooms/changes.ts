import { type Content, isContent } from '../../../../protocol/content.ts';
import type { Reaction } from '../types.ts';

/** Something said, in the log's order; what waits to be sent comes last. */
export interface Said {
  readonly id: string;
  readonly sender: string;
  readonly content: { readonly kind: string };
}

/** What later messages have made of an earlier one. */
export interface Change {
  /** Its words now, where its author has changed them. */
  body?: string;
  /** Whom these name. */
  mentions?: readonly string[];
  deleted?: true;
  /** Who reacts with what, in the order in which each emoji came up. */
  readonly reactions: Map<string, Set<string>>;
}

/** What others speak of, in answer or to change it, and what became of it; both by its id. */
export interface Heard {
  readonly said: ReadonlyMap<string, Said>;
  readonly changes: ReadonlyMap<string, Change>;
}

/** Whether something said only changes what was said before. */
export const isChange = (
  content: Said['content'],
): content is Extract<Content, { kind: 'edit' | 'delete' | 'reaction' }> =>
  isContent(content, 'edit') || isContent(content, 'delete') || isContent(content, 'reaction');

/**
 * Tells what was said from edits, deletions and reactions. Only its author changes or deletes a message; who did what to something that
 * was not said before is not heard. Pure.
 */
export function hear(everything: readonly Said[]): Heard {
  // Most is never spoken of again: it needs no place in a table, in a room of a hundred thousand.
  const spokenOf = new Set<string>();
  for (const { content } of everything) {
    if (isChange(content)) spokenOf.add(content.target);
    else if (isContent(content, 'text') && content.replyTo !== undefined) spokenOf.add(content.replyTo);
  }
  const said = new Map<string, Said>();
  const changes = new Map<string, Change>();
  for (const each of everything) {
    const { content, sender } = each;
    if (!isChange(content)) {
      if (spokenOf.has(each.id)) said.set(each.id, each);
      continue;
    }
    const target = said.get(content.target);
    if (!target) continue;
    const change: Change = changes.get(target.id) ?? { reactions: new Map() };
    changes.set(target.id, change);
    if (isContent(content, 'reaction')) react(change, sender, content);
    else if (target.sender !== sender) continue;
    else if (content.kind === 'delete') change.deleted = true;
    else if (isContent(target.content, 'text')) {
      change.body = content.body;
      change.mentions = content.mentions ?? [];
    }
  }
  return { said, changes };
}

function react(
  { reactions }: Change,
  sender: string,
  { emoji, remove }: { emoji: string; remove?: boolean | undefined },
): void {
  const who = reactions.get(emoji) ?? new Set();
  if (remove) who.delete(sender);
  else who.add(sender);
  if (who.size > 0) reactions.set(emoji, who);
  else reactions.delete(emoji);
}

/** Reactions as a screen shows them: names, one's own first. */
export function reactionsOf(
  change: Change | undefined,
  me: string,
  name: (userId: string) => string,
): readonly Reaction[] {
  return [...(change?.reactions ?? [])].map(([emoji, who]) => {
    const others = [...who].filter((userId) => userId !== me).map(name);
    return { emoji, others, mine: who.has(me) };
  });
}
