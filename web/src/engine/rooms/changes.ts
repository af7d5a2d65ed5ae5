import { isContent } from '../../../../protocol/content.ts';
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

/** What was said, and what became of it; both by its id. */
export interface Heard {
  readonly said: ReadonlyMap<string, Said>;
  readonly changes: ReadonlyMap<string, Change>;
}

/**
 * Tells what was said from edits, deletions and reactions. Only its author changes or deletes a message; who did what to something that
 * was not said before is not heard. Pure.
 */
export function hear(everything: readonly Said[]): Heard {
  const said = new Map<string, Said>();
  const changes = new Map<string, Change>();
  for (const each of everything) {
    const { content, sender } = each;
    if (isContent(content, 'edit') || isContent(content, 'delete') || isContent(content, 'reaction')) {
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
    } else said.set(each.id, each);
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
