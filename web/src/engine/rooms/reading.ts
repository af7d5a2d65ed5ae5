import { isContent } from '../../../../protocol/content.ts';
import type { RosterEntry } from '../../../../protocol/roster.ts';
import type { Row, Store } from '../store/store.ts';
import type { FileItem, TimelineItem } from '../types.ts';
import type { MessageWindow } from './message-window.ts';
import type { RosterLog } from './roster.ts';
import { buildTimeline } from './timeline.ts';

/** Who reads a room, and by what they know who is in it. */
export interface Reader {
  readonly me: string;
  readonly log: RosterLog;
  readonly name: (userId: string) => string;
  /** What somebody called themselves when they came. */
  readonly joinedAs: (userId: string) => string;
}

/** The files that are still there, the newest first, up to `limit` before `before` (a `seq`). */
export async function filesIn(
  reader: Reader,
  window: MessageWindow,
  before: number | undefined,
  limit: number,
): Promise<FileItem[]> {
  const said = await window.older((content) => isContent(content, 'file'), before, limit);
  return told(reader, said, [])
    .filter((item) => item.kind === 'file')
    .reverse();
}

/** All that was said in a room, as far as this device can read it, oldest first. */
export async function everythingIn(reader: Reader, store: Store): Promise<TimelineItem[]> {
  const rows = await store.list('messages', `${reader.log.room}/`);
  const messages = rows.map(([, row]) => row);
  return told(reader, messages, reader.log.history);
}

/** Messages as people read them, without what is under way. */
function told(
  { me, log, name, joinedAs }: Reader,
  messages: readonly Row<'messages'>[],
  history: readonly RosterEntry[],
): TimelineItem[] {
  return buildTimeline({
    ...{ me, messages, outbox: [], sending: [], interrupted: [], history, name, joinedAs },
    ...{ complete: true, before: false, isVerified: () => false },
    wasMember: (userId, head) => log.wasMember(userId, head),
  });
}
