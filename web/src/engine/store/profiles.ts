import { isContent, type Profile } from '../../../../protocol/content.ts';
import { putMessage } from './messages.ts';
import type { Draft, Row } from './store.ts';

/**
 * Keeps what the sender of `message` says of themselves in a room, by the message itself or with a key; of what one's own other devices
 * say the newest is one's own from now on. The caller holds the lock `crypto`.
 *
 * @returns whether that changes anything
 */
export async function keepProfile(
  draft: Draft,
  room: string,
  me: string,
  { sender, seq }: { readonly sender: string; readonly seq: number },
  { name, picture, since }: Profile,
): Promise<boolean> {
  const said = { name, since, ...(picture !== undefined && { picture }) };
  const before = await draft.get('profiles', `${room}/${sender}`);
  if (before && before.since > since) return false;
  draft.put('profiles', `${room}/${sender}`, { ...said, seq });
  if (before?.since === since && before.name === name && before.picture === picture) return false;
  if (sender !== me) return true;
  const own = await draft.get('profiles', 'me');
  if (!own || own.since < since) draft.put('profiles', 'me', said);
  return true;
}

/**
 * `keepProfile` for a message that says one, if it does. Notes with it whether its sender is called otherwise than before: that it is
 * nothing new is only their word.
 */
export async function keepSaidProfile(
  draft: Draft,
  room: string,
  me: string,
  message: Row<'messages'>,
): Promise<boolean> {
  const { sender, content } = message;
  if (!isContent(content, 'profile')) return false;
  const before = await draft.get('profiles', `${room}/${sender}`);
  const changed = await keepProfile(draft, room, me, message, content);
  if (before && before.since <= content.since)
    putMessage(draft, room, { ...message, renamed: before.name !== content.name });
  return changed;
}
