import { isContent } from '../../../../protocol/content.ts';
import type { Row } from '../store/store.ts';
import { shownName } from '../transfers/name.ts';

/**
 * A stretch is what a search must know of neighbouring messages, gathered in one row. Where and when it is kept, and when it goes, is
 * said in `store/messages.ts`.
 */
export type Gathered = Row<'stretches'>['said'][number];

/** What a search must know of a message; undefined for what it need not. */
export function gather({ id, seq, at, sender, content }: Row<'messages'>): Gathered | undefined {
  const base = { id, seq, at, sender };
  if (isContent(content, 'text')) return { ...base, kind: 'text', text: content.body };
  if (isContent(content, 'file'))
    return { ...base, kind: 'file', ...(content.name && { text: shownName(content.name) }) };
  if (isContent(content, 'edit'))
    return { ...base, kind: 'edit', target: content.target, text: content.body };
  if (isContent(content, 'delete')) return { ...base, kind: 'delete', target: content.target };
  return undefined;
}
