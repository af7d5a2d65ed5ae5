import type { Session } from '../account/session.ts';
import { messageKey, type Row } from '../store/store.ts';

/** How many messages are in memory at a time. */
const pageSize = 1000;

/** The rooms that this device knows, also those that are over, the last active first. */
export async function roomsOf({ store }: Session): Promise<Row<'rooms'>[]> {
  const rows = (await store.list('rooms')).map(([, row]) => row);
  return rows.sort((one, other) => other.activeAt - one.activeAt);
}

/** What this device has of a room, oldest first, in pages. */
export async function* pagesOf(
  { store }: Session,
  { id, cursor }: Row<'rooms'>,
): AsyncGenerator<Row<'messages'>[]> {
  for (let from = 0; from <= cursor; from += pageSize) {
    const last = from + pageSize - 1;
    const rows = await store.listBetween('messages', messageKey(id, from), messageKey(id, last));
    if (rows.length > 0) yield rows.map(([, row]) => row);
  }
}
