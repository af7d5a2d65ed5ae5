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
      .map(
        ([userId]) =>
          `${name(userId)} is not who you verified: they have the account of somebody whose safety number you compared, and another identity. Nothing is sent to this room as long as they are in it.`,
      ),
    ...changed.map(
      (userId) =>
        `${name(userId)} is here with another identity than this account had when you first met it. They get no keys from you, and can’t read what you write.`,
    ),
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
