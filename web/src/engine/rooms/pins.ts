import { messageKey, type Row, type Store } from '../store/store.ts';
import type { Pin, TimelineItem } from '../types.ts';
import { summaryText } from './timeline.ts';

/** What is pinned in a room, as it is now; what is gone, or was said before this device came, is left out. */
export async function pinned(
  { id: room, pins = [] }: Row<'rooms'>,
  timeline: readonly TimelineItem[],
  store: Store,
  name: (userId: string) => string,
): Promise<Pin[]> {
  if (pins.length === 0) return [];
  const loaded = new Map(timeline.map((item) => [item.id, item]));
  const found = pins.map(async ({ id, seq, by }): Promise<Pin | undefined> => {
    const message = await store.get('messages', messageKey(room, seq));
    if (message?.id !== id) return undefined;
    const item = loaded.get(id);
    const text = item?.kind === 'text' ? item.text : summaryText(message.content);
    if (text === undefined || item?.kind === 'deleted') return undefined;
    return { id, seq, text, authorName: name(message.sender), byName: name(by) };
  });
  return (await Promise.all(found)).filter((pin) => pin !== undefined);
}
