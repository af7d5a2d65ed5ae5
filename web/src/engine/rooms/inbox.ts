import type { Message } from '../../../../protocol/socket.ts';
import type { Session } from '../account/session.ts';
import { openMessage } from '../crypto/opening.ts';
import { Pairwise } from '../crypto/pairwise.ts';
import type { Row } from '../store/store.ts';
import type { RosterLog } from './roster.ts';
import { summaryText } from './timeline.ts';

/**
 * Takes messages of the log, ascending, into the store: each exactly once whatever is delivered twice, by whichever tab comes
 * first. Everything that a batch changes (keys, messages, the cursor) is one transaction.
 *
 * @returns the rows that are new.
 */
export function receive(
  session: Session,
  log: RosterLog,
  items: readonly Message[],
): Promise<Row<'messages'>[]> {
  return session.locks.run('crypto', async () => {
    const draft = session.store.draft();
    const pairwise = new Pairwise(session);
    const room = await draft.get('rooms', log.room);
    if (!room) return [];
    const fresh: Row<'messages'>[] = [];
    let { cursor, before, unread, last, activeAt } = room;
    for (const message of items) {
      if (message.seq <= cursor) continue;
      const opened = await openMessage(pairwise, draft, log, message);
      cursor = message.seq;
      if (opened.kind === 'before') before = true;
      if (opened.kind !== 'stored') continue;
      fresh.push(opened.row);
      const text = summaryText(opened.row.content);
      if (text === undefined) continue;
      last = { author: message.sender, text, at: message.at };
      activeAt = Math.max(activeAt, message.at);
      if (message.sender !== session.account.id) unread++;
    }
    draft.put('rooms', log.room, { ...room, cursor, before, unread, activeAt, ...(last && { last }) });
    await draft.commit();
    return fresh;
  });
}
