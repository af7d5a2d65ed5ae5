import { isContent } from '../../../../protocol/content.ts';
import type { Draft, Row } from '../store/store.ts';
import { messageKey } from '../store/store.ts';

/** How many numbers of a room's log one stretch covers. */
export const stretchSize = 512;

/** Key of the stretch that holds `seq`: sorts by it. */
export const stretchKey = (room: string, seq: number): string =>
  `${room}/${String(Math.floor((seq - 1) / stretchSize)).padStart(9, '0')}`;

/**
 * Puts a message into the store, and lets go of the stretch that was gathered of it and its neighbours: so no copy outlives what was
 * deleted. The caller holds the lock `crypto`.
 */
export function putMessage(draft: Draft, room: string, message: Row<'messages'>): void {
  draft.put('messages', messageKey(room, message.seq), message);
  draft.delete('stretches', stretchKey(room, message.seq));
}

export type Gathered = Row<'stretches'>['said'][number];

/** What a search must know of a message; undefined for what it need not. */
export function gather({ id, seq, at, sender, content }: Row<'messages'>): Gathered | undefined {
  const base = { id, seq, at, sender };
  if (isContent(content, 'text')) return { ...base, kind: 'text', text: content.body };
  if (isContent(content, 'file')) return { ...base, kind: 'file' };
  if (isContent(content, 'edit'))
    return { ...base, kind: 'edit', target: content.target, text: content.body };
  if (isContent(content, 'delete')) return { ...base, kind: 'delete', target: content.target };
  return undefined;
}
