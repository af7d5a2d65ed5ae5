import { contentKinds } from '../../../../protocol/content.ts';
import type { RosterLog } from '../rooms/roster.ts';
import { changedState, type RoomState } from '../rooms/state.ts';
import { newKinds } from '../store/kinds.ts';
import { keepSaidProfile } from '../store/profiles.ts';
import { messageKey, type Row } from '../store/store.ts';
import type { Holder } from './holder.ts';
import { isAdmin } from './receiving.ts';

/** So many messages are looked at in one go. */
const pageSize = 500;

/**
 * Makes up for what messages bring about whose kind was not known when they came (`KeyHost.understand`). Nothing is done twice that
 * this version, another tab's included, has taken in since: all of such a kind count once more, in their order.
 */
export async function understand(
  { store, locks, account }: Holder,
  rosterOf: (row: Row<'rooms'>) => Promise<RosterLog>,
  roomId: string,
): Promise<void> {
  const before = await store.get('rooms', roomId);
  if (!before || newKinds(before).size === 0) return;
  const kinds = newKinds(before);
  const late = await of(1, before.cursor);
  await locks.run('crypto', async () => {
    const draft = store.draft();
    const room = await draft.get('rooms', roomId);
    if (!room || newKinds(room).size === 0) return;
    const log = await rosterOf(room);
    let state: RoomState = room;
    let introduced = false;
    for (const message of [...late, ...(await of(before.cursor + 1, room.cursor))]) {
      const { sender, content } = message;
      state = changedState(state, { sender, byAdmin: isAdmin(log, sender) }, content);
      if (await keepSaidProfile(draft, roomId, account.id, message)) introduced = true;
    }
    draft.put('rooms', roomId, {
      ...{ ...room, ...state, picture: state.picture, kinds: [...contentKinds] },
      ...(introduced && { profiles: (room.profiles ?? 0) + 1, repairs: (room.repairs ?? 0) + 1 }),
    });
    await draft.commit();
  });

  async function of(first: number, last: number): Promise<Row<'messages'>[]> {
    const found: Row<'messages'>[] = [];
    for (let from = first; from <= last; from += pageSize) {
      const to = Math.min(from + pageSize - 1, last);
      const rows = await store.listBetween('messages', messageKey(roomId, from), messageKey(roomId, to));
      found.push(...rows.map(([, row]) => row).filter(({ content }) => kinds.has(content.kind)));
    }
    return found;
  }
}
