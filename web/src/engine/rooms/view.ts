import { m } from '../../language/index.ts';
import type { Row } from '../store/store.ts';
import type { Connection, JoinRequest, Pin, RoomView, TimelineItem, Trust } from '../types.ts';
import type { Membership } from './membership.ts';
import { roomWarnings } from './warnings.ts';

/** A room of which nothing but its row has been read yet. */
export const firstView = (row: Row<'rooms'>, me: string): RoomView => ({
  id: row.id,
  name: row.name,
  me,
  role: row.role,
  members: [],
  connection: 'connecting',
  timeline: [],
  hasOlder: false,
  pins: [],
  requests: [],
  lasts: 0,
  warnings: [],
  ...(row.gone && { gone: row.gone }),
});

export interface ViewInput {
  readonly me: string;
  readonly row: Row<'rooms'>;
  readonly membership: Membership;
  readonly trust: ReadonlyMap<string, Trust>;
  readonly connection: Connection;
  readonly timeline: readonly TimelineItem[];
  readonly hasOlder: boolean;
  readonly pins: readonly Pin[];
  readonly requests: readonly JoinRequest[];
  readonly asking: number | undefined;
}

const picture = (jpeg: string | undefined) => jpeg !== undefined && { picture: jpeg };

/** A room as a screen shows it. Pure. */
export function roomView({ me, row, membership, trust, requests, asking, ...shown }: ViewInput): RoomView {
  const { members, log, warnings } = membership;
  const name = (userId: string) => membership.name(userId);
  const role = members.find((member) => member.userId === me)?.role ?? row.role;
  // Who is no admin any more may have been told before.
  const letsIn = role !== 'member';
  return {
    ...shown,
    requests: letsIn ? requests : [],
    ...(letsIn && asking !== undefined && { asking }),
    id: row.id,
    name: row.name,
    ...picture(row.picture),
    me,
    role,
    members: members.map(({ userId, role }) => ({
      id: userId,
      name: name(userId),
      ...picture(membership.picture(userId)),
      role,
      isMe: userId === me,
      trust: trust.get(userId) ?? 'unverified',
    })),
    lasts: row.lasts ?? 0,
    warnings: [
      ...warnings,
      ...roomWarnings(row, log, trust, name),
      ...(row.forged ? [m.engine_warnForgedKeys()] : []),
    ],
    ...(row.gone && { gone: row.gone }),
  };
}
