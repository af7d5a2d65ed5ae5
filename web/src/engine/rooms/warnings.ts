import { m } from '../../language/index.ts';
import type { Row } from '../store/store.ts';
import type { Trust } from '../types.ts';
import type { RosterLog } from './roster.ts';

/** What this device keeps of a room that people should be told about, in sentences. Pure. */
export function roomWarnings(
  { unknownHeads = {}, leftOut = {} }: Row<'rooms'>,
  log: RosterLog,
  trust: ReadonlyMap<string, Trust>,
  name: (userId: string) => string,
): string[] {
  const elsewhere = Object.entries(unknownHeads).filter(([head]) => log.position(head) === undefined);
  const known = [...trust].filter(([userId]) => log.joinedAt(userId) !== undefined);
  const changed = known.filter(([, how]) => how === 'changed').map(([userId]) => userId);
  const blind = Object.entries(leftOut).filter(
    ([userId]) => log.joinedAt(userId) !== undefined && !changed.includes(userId),
  );
  return [
    ...known
      .filter(([, how]) => how === 'contradicted')
      .map(([userId]) => m.engine_warnContradicted({ name: name(userId) })),
    ...changed.map((userId) => m.engine_warnChanged({ name: name(userId) })),
    ...blind.map(([userId, reason]) => m.engine_warnNoKey({ name: name(userId), reason })),
    ...[...new Set(elsewhere.map(([, userId]) => userId))].map((userId) =>
      m.engine_warnOtherList({ name: name(userId) }),
    ),
  ];
}
