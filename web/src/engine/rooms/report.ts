import { uuidv7 } from 'uuidv7';
import { fromBase64, toBase64 } from '../../../../protocol/bytes.ts';
import { isContent } from '../../../../protocol/content.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import type { Row } from '../store/store.ts';
import { EngineError, type FileItem, type Report, type TextItem } from '../types.ts';

/**
 * Reports `item` of `room` with its evidence: the plaintext of the message whose words are shown (the last edit's, where there was
 * one), with the key of its commitment inside; of a file its key too. `messages` are those in memory.
 *
 * @throws EngineError `no-proof` where this device has no plaintext of it, as of what it read with an earlier version
 */
export async function reportMessage(
  session: Session,
  room: string,
  messages: readonly Row<'messages'>[],
  item: TextItem | FileItem,
  { reason, note }: Report,
): Promise<void> {
  const shown = messages.findLast(
    ({ id, sender, content }) =>
      sender === item.author &&
      (id === item.id ||
        (item.kind === 'text' && item.edited && isContent(content, 'edit') && content.target === item.id)),
  );
  if (shown?.envelope === undefined) throw new EngineError('no-proof', m.engine_noProof());
  const fileKey = item.kind === 'file' ? await keyOf(session, room, item.fileId) : undefined;
  const { seq, envelope } = shown;
  const evidence = { id: uuidv7(), chatroomId: room, seq, envelope, ...(fileKey && { fileKey }) };
  await session.api('report', { body: { ...evidence, reason, ...(note && { note }) } });
}

/** The file's key as this person has it; undefined for who was given none: what was said of the file is reported all the same. */
async function keyOf(session: Session, room: string, fileId: string): Promise<string | undefined> {
  const { encryptedKey } = await session.api('getFile', { params: { id: fileId }, query: {} });
  if (encryptedKey === null) return undefined;
  return toBase64(await session.keys.openFileKey(room, fileId, fromBase64(encryptedKey)));
}
