import { deviceAddress } from '../../../../protocol/scalars.ts';
import type { Message } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { lacksKey, openMessage, type Place, refuseDeparted } from '../crypto/opening.ts';
import { Pairwise } from '../crypto/pairwise.ts';
import { messageKey, type Row } from '../store/store.ts';
import { isFromBeyond, noteDepartures } from './departures.ts';
import { answer, askFor } from './lost-keys.ts';
import type { RosterLog } from './roster.ts';
import { summaryText } from './timeline.ts';

/** What a batch of messages brought. */
export interface Received {
  /** The rows that are new. */
  readonly fresh: readonly Row<'messages'>[];
  /** Devices to be asked for keys that did not arrive. */
  readonly ask: readonly string[];
  /** Whether somebody asked for ours, and gets them with the next message. */
  readonly owed: boolean;
  /** Whether there were keys of others in it. */
  readonly learned: boolean;
}
const nothing: Received = { fresh: [], ask: [], owed: false, learned: false };

/**
 * Takes messages of the log, ascending, into the store: each exactly once whatever is delivered twice, by whichever tab comes
 * first. Everything that a batch changes (keys, messages, the cursor) is one transaction.
 *
 * @param sync reads the roster from the service: it is asked where a message names an entry of it that is not known here
 * @returns what is new
 */
export async function receive(
  session: Session,
  log: RosterLog,
  items: readonly Message[],
  sync: () => Promise<void>,
): Promise<Received> {
  const taken = await take(session, log, items, false);
  if (taken) return taken;
  await sync();
  return (await take(session, log, items, true)) ?? nothing;
}

/** Undefined, and nothing is kept, when the roster should be read first; unless it is `settled` that it tells no more. */
function take(
  session: Session,
  log: RosterLog,
  items: readonly Message[],
  settled: boolean,
): Promise<Received | undefined> {
  return session.locks.run('crypto', async () => {
    const draft = session.store.draft();
    const pairwise = new Pairwise(session);
    const room = await draft.get('rooms', log.room);
    if (!room) return nothing;
    const own = deviceAddress(session.account.id, session.account.deviceId);
    const lost = new Set<string>();
    let [learned, owed] = [false, false];
    const fresh: Row<'messages'>[] = [];
    const place = placeOf(log, room);
    let { departed = {}, unknownHeads = {} } = room;
    let { cursor, before, missed, unread, last, activeAt, answered } = room;
    for (const message of items) {
      if (message.seq <= cursor) continue;
      const opened = isFromBeyond(log, departed, message)
        ? refuseDeparted(draft, log.room, message)
        : await openMessage(pairwise, draft, place, message);
      cursor = message.seq;
      if (opened.kind !== 'silent' && opened.missed) missed ??= message.seq;
      else if (opened.kind === 'before') before = true;
      if (opened.kind !== 'before' && opened.lost !== undefined) lost.add(opened.lost);
      if (opened.kind === 'silent' && opened.learned) learned = true;
      if (opened.kind !== 'stored') continue;
      const { head } = opened;
      const position = head === undefined ? undefined : log.position(head);
      if (position !== undefined) departed = noteDepartures(log, departed, position, message.seq);
      else if (head !== undefined && unknownHeads[head] === undefined) {
        if (!settled) return undefined;
        unknownHeads = { ...unknownHeads, [head]: message.sender };
      }
      fresh.push(opened.row);
      const owes = await answer(draft, log.room, own, message, opened.row.content, answered);
      if (owes) [answered, owed] = [owes, true];
      const text = summaryText(opened.row.content);
      if (text === undefined) continue;
      last = { author: message.sender, text, at: message.at };
      activeAt = Math.max(activeAt, message.at);
      if (message.sender !== session.account.id && message.seq > place.since) unread++;
    }
    const { asked, ask } = await askFor(draft, log.room, lost, room.asked);
    const lasting = { ...room, cursor, before, unread, activeAt, departed, unknownHeads };
    draft.put('rooms', log.room, {
      ...lasting,
      ...(missed && { missed }),
      ...(last && { last }),
      ...(ask.length > 0 && { asked }),
      ...(answered && { answered }),
    });
    await draft.commit();
    return { fresh, ask, owed, learned };
  });
}

/**
 * Tries messages again for which this device had no key, as far as it has read; answers the first whose key it still lacks.
 */
export function reopen(
  session: Session,
  log: RosterLog,
  items: readonly Message[],
): Promise<number | undefined> {
  return session.locks.run('crypto', async () => {
    const draft = session.store.draft();
    const pairwise = new Pairwise(session);
    const room = await draft.get('rooms', log.room);
    if (!room) return;
    const place = placeOf(log, room);
    const { id: me, deviceId } = session.account;
    let missed: number | undefined;
    for (const message of items) {
      const { seq, recipient, sender, device } = message;
      if (seq > room.cursor || recipient !== undefined || (sender === me && device === deviceId)) continue;
      const stored = await draft.get('messages', messageKey(log.room, seq));
      if (stored && !lacksKey(stored)) continue;
      const opened = await openMessage(pairwise, draft, place, message);
      if (opened.kind !== 'silent' && opened.missed) missed ??= seq;
    }
    await draft.commit();
    return missed;
  });
}

const placeOf = (log: RosterLog, { since = 0 }: Row<'rooms'>): Place => ({
  room: log.room,
  identityKey: (userId) => log.identityKey(userId),
  joinedAt: (userId) => log.joinedAt(userId),
  wasMember: (userId, head) => log.wasMember(userId, head),
  since,
});
