import type { Row } from '../store/store.ts';
import type { RosterLog } from './roster.ts';

/** What this device keeps of a room that people should be told about, in sentences. Pure. */
export function roomWarnings(
  { unknownHeads = {}, leftOut = {} }: Row<'rooms'>,
  log: RosterLog,
  name: (userId: string) => string,
): string[] {
  const elsewhere = Object.entries(unknownHeads).filter(([head]) => log.position(head) === undefined);
  const blind = Object.entries(leftOut).filter(([userId]) => log.joinedAt(userId) !== undefined);
  return [
    ...blind.map(
      ([userId, reason]) =>
        `${name(userId)} may not be able to read what you write here: they were given no key. ${reason}`,
    ),
    ...[...new Set(elsewhere.map(([, userId]) => userId))].map(
      (userId) =>
        `${name(userId)} sees another member list of this room than you. Unless they made that up, the service hides changes from one of you: ask them who is in the room.`,
    ),
  ];
}
