import type { Draft, Row } from './store.ts';
import { messageKey } from './store.ts';

/** How many numbers of a room's log one stretch (`search/stretches.ts`) covers. */
export const stretchSize = 512;

/** Key of the stretch that holds `seq`: sorts by it. */
export const stretchKey = (room: string, seq: number): string =>
  `${room}/${String(Math.floor((seq - 1) / stretchSize)).padStart(9, '0')}`;

/** Key of what is to be erased at a moment: sorts by it. */
export const expiryKey = (at: number, room: string, seq: number): string =>
  `${String(at).padStart(15, '0')}/${room}/${seq}`;

/** When a message is to be erased; undefined for one that stays. */
export function expiryOf({ at, content }: Pick<Row<'messages'>, 'at' | 'content'>): number | undefined {
  const { lasts } = content as { lasts?: unknown };
  const disappears = content.kind === 'text' || content.kind === 'edit' || content.kind === 'file';
  return disappears && typeof lasts === 'number' ? at + lasts * 1000 : undefined;
}

/**
 * Puts a message into the store, notes when it is to be erased, and lets go of the stretch that was gathered of it and its neighbours: so
 * no copy outlives what was deleted. The caller holds the lock `crypto`.
 */
export function putMessage(draft: Draft, room: string, message: Row<'messages'>): void {
  draft.put('messages', messageKey(room, message.seq), message);
  draft.delete('stretches', stretchKey(room, message.seq));
  const expiry = expiryOf(message);
  if (expiry !== undefined)
    draft.put('expiries', expiryKey(expiry, room, message.seq), { room, seq: message.seq });
}
