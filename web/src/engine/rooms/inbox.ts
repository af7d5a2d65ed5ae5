import type { Message } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { openMessage, refuseDeparted } from '../crypto/opening.ts';
import { Pairwise } from '../crypto/pairwise.ts';
import type { Row } from '../store/store.ts';
import { isFromBeyond, noteDepartures } from './departures.ts';
import type { RosterLog } from './roster.ts';
import { summaryText } from './timeline.ts';

/**
 * Takes messages of the log, ascending, into the store: each exactly once whatever is delivered twice, by whichever tab comes
 * first. Everything that a batch changes (keys, messages, the cursor) is one transaction.
 *
 * @param sync reads the roster from the service: it is asked where a message names an entry of it that is not known here
 * @returns the rows that are new.
 */
export async function receive(
  session: Session,
  log: RosterLog,
  items: readonly Message[],
  sync: () => Promise<void>,
): Promise<Row<'messages'>[]> {
  const taken = await take(session, log, items, false);
  if (taken) return taken;
  await sync();
  return (await take(session, log, items, true)) ?? [];
}

/** Undefined, and nothing is kept, when the roster should be read first; unless it is `settled` that it tells no more. */
function take(
  session: Session,
  log: RosterLog,
  items: readonly Message[],
  settled: boolean,
): Promise<Row<'messages'>[] | undefined> {
  return session.locks.run('crypto', async () => {
    const draft = session.store.draft();
    const pairwise = new Pairwise(session);
    const room = await draft.get('rooms', log.room);
    if (!room) return [];
    const fresh: Row<'messages'>[] = [];
    let { departed = {}, unknownHeads = {} } = room;
    let { cursor, before, unread, last, activeAt } = room;
    for (const message of items) {
      if (message.seq <= cursor) continue;
      const opened = isFromBeyond(log, departed, message)
        ? refuseDeparted(draft, log.room, message)
        : await openMessage(pairwise, draft, log, message);
      cursor = message.seq;
      if (opened.kind === 'before') before = true;
      if (opened.kind !== 'stored') continue;
      const { head } = opened;
      const position = head === undefined ? undefined : log.position(head);
      if (position !== undefined) departed = noteDepartures(log, departed, position, message.seq);
      else if (head !== undefined && unknownHeads[head] === undefined) {
        if (!settled) return undefined;
        unknownHeads = { ...unknownHeads, [head]: message.sender };
      }
      fresh.push(opened.row);
      const text = summaryText(opened.row.content);
      if (text === undefined) continue;
      last = { author: message.sender, text, at: message.at };
      activeAt = Math.max(activeAt, message.at);
      if (message.sender !== session.account.id) unread++;
    }
    const trust = { departed, unknownHeads };
    draft.put('rooms', log.room, {
      ...room,
      ...trust,
      cursor,
      before,
      unread,
      activeAt,
      ...(last && { last }),
    });
    await draft.commit();
    return fresh;
  });
}
