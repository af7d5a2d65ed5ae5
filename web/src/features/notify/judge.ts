import type { Preferences, RoomSummary } from '../../engine/types.ts';

/** Whether a text names somebody: `@` and the name, however it is written, as a word of its own. */
export function mentions(text: string, name: string): boolean {
  const plain = (value: string) => value.normalize('NFKC').toLocaleLowerCase();
  const [said, wanted] = [plain(text), `@${plain(name)}`];
  for (let at = said.indexOf(wanted); at >= 0; at = said.indexOf(wanted, at + 1))
    if (!/[\p{L}\p{N}]/u.test(said.charAt(at + wanted.length))) return true;
  return false;
}

/**
 * Whether a person wants to be told of what has come into a room between two looks at it. Nothing has where nothing is unread that was
 * not before.
 */
export function worthTelling(
  before: RoomSummary | undefined,
  now: RoomSummary,
  { rooms }: Preferences,
  myName: string,
): boolean {
  if (!before || !now.last || now.unread <= before.unread || now.last.at <= (before.last?.at ?? 0))
    return false;
  const level = rooms[now.id] ?? 'all';
  return level === 'all' || (level === 'mentions' && mentions(now.last.text, myName));
}

/** How many messages the badge of the app counts: rooms that one wants to hear nothing of are not in it. */
export const badgeCount = (list: readonly RoomSummary[], { rooms }: Preferences): number =>
  list.reduce((sum, { id, unread }) => sum + (rooms[id] === 'nothing' ? 0 : unread), 0);
