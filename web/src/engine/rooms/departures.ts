import type { Message } from '../../../../protocol/socket.ts';
import type { Row } from '../store/store.ts';
import type { RosterLog } from './roster.ts';

/** Of each departed member: up to which `seq` of the room's log their messages are believed. */
export type Departed = NonNullable<Row<'rooms'>['departed']>;

/**
 * Notes that whoever had gone by roster entry `position` says nothing after the log's `seq`: an honest room takes nothing from
 * them once the entry stands in its roster. What is known already may only become stricter, and an earlier absence of
 * somebody who came back and went again gives way. Pure.
 *
 * @returns `known` itself when nothing changed
 */
export function noteDepartures(log: RosterLog, known: Departed, position: number, seq: number): Departed {
  let noted = known;
  for (const [userId, entry] of log.departed) {
    const before = known[userId];
    if (entry > position || (before?.entry === entry && before.seq <= seq)) continue;
    noted = { ...noted, [userId]: { entry, seq } };
  }
  return noted;
}

/** Whether a message claims to be said by somebody after they had gone. */
export const isFromBeyond = (log: RosterLog, known: Departed, { sender, seq }: Message): boolean => {
  const departure = known[sender];
  return departure !== undefined && log.departed.get(sender) === departure.entry && seq > departure.seq;
};
