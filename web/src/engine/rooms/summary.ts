import { m } from '../../language/index.ts';
import { plain } from '../markdown.ts';
import type { RoomSummary } from '../types.ts';
import type { LiveRoom } from './room.ts';

/** A room's line in the list, for the account `me`. */
export function summaryOf(room: Pick<LiveRoom, 'row' | 'draft' | 'begun' | 'name'>, me: string): RoomSummary {
  const { id, name, role, unread, mentioned, activeAt, last, picture, placing, muted, gone } = room.row;
  const draft = room.begun?.kind === 'edit' ? room.begun.text : room.draft;
  const author = last && (last.author === me ? m.engine_you() : room.name(last.author));
  return {
    id,
    name,
    role,
    placing: placing ?? 'list',
    muted: muted ?? false,
    ...(picture !== undefined && { picture }),
    unread,
    mentioned: mentioned ?? 0,
    activeAt,
    ...(last && { last: { author: author!, text: plain(last.text), at: last.at } }),
    ...(draft && { draft }),
    ...(gone && ({ gone: true } as const)),
  };
}
