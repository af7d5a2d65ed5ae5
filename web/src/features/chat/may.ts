import type { Role } from '../../../../protocol/roster.ts';
import type { Member, RoomView } from '../../engine/types.ts';

/** What the roster's rules let a person do; the screens offer nothing else. */
const rank = { owner: 2, admin: 1, member: 0 } as const;

export const mayInvite = (view: RoomView): boolean => !view.gone && view.role !== 'member';

/** A room keeps at least one owner: the only one stays for as long as others are in it. */
export const mayLeave = (view: RoomView): boolean =>
  !view.gone &&
  (view.role !== 'owner' ||
    view.members.length === 1 ||
    view.members.some((member) => member.role === 'owner' && !member.isMe));

/** Whether the reader may remove `member`: only who stands above them. */
export const mayRemove = (view: RoomView, member: Member): boolean =>
  !view.gone && !member.isMe && rank[view.role] > rank[member.role];

const owners = (view: RoomView): number => view.members.filter(({ role }) => role === 'owner').length;

/** The roles that the reader may give `member`: owners do, and a room keeps one of them. */
export function mayBecome(view: RoomView, member: Member): readonly Role[] {
  if (view.gone || view.role !== 'owner' || (member.role === 'owner' && owners(view) === 1)) return [];
  return (['owner', 'admin', 'member'] as const).filter((role) => role !== member.role);
}
