import { isContent } from '../../../../protocol/content.ts';
import { putMessage } from './messages.ts';
import type { Draft, Row } from './store.ts';

/**
 * Keeps what a message's sender says of themselves in a room; of what one's own other devices say the newest is one's own from now on. Notes
 * with the message whether they are called otherwise than before: that it is nothing new is only their word. The caller holds the
 * lock `crypto`.
 *
 * @returns whether that changes anything
 */
export async function keepProfile(
  draft: Draft,
  room: string,
  me: string,
  message: Row<'messages'>,
): Promise<boolean> {
  const { sender, seq, content } = message;
  if (!isContent(content, 'profile')) return false;
  const { name, picture, since } = content;
  const said = { name, since, ...(picture !== undefined && { picture }) };
  const before = await draft.get('profiles', `${room}/${sender}`);
  if (before && before.since > since) return false;
  draft.put('profiles', `${room}/${sender}`, { ...said, seq });
  if (before) putMessage(draft, room, { ...message, renamed: before.name !== name });
  if (before?.since === since && before.name === name && before.picture === picture) return false;
  if (sender !== me) return true;
  const own = await draft.get('profiles', 'me');
  if (!own || own.since < since) draft.put('profiles', 'me', said);
  return true;
}
