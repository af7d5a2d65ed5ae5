import { openLines, SealError, sealLines } from '../../../../crypto/account/index.ts';
import { ArchiveHeader, ArchivePart } from '../../../../protocol/archive.ts';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../../../protocol/bytes.ts';
import { isGuest } from '../../../../protocol/spelling.ts';
import { m } from '../../language/index.ts';
import type { Session } from '../account/session.ts';
import { putMessage } from '../store/messages.ts';
import { type Draft, messageKey, type Row, type Store, type Table } from '../store/store.ts';
import { EngineError, type KeyWork, type Restored } from '../types.ts';
import { pagesOf, roomsOf } from './walk.ts';

/** Gathers all that this device can read under a passphrase, to be restored (`restoreArchive`). */
export async function exportArchive(session: Session, passphrase: string, work?: KeyWork): Promise<Blob> {
  const salt = toBase64(crypto.getRandomValues(new Uint8Array(16)));
  const key = await session.keys.archiveKey({ passphrase, salt }, work);
  const header: ArchiveHeader = { format: 'stream-chat archive', v: 1, salt };
  const lines = [JSON.stringify(header)];
  for await (const line of sealLines(key, salt, partsOf(session))) lines.push(toBase64(line));
  return new Blob([lines.join('\n')], { type: 'application/octet-stream' });
}

async function* partsOf(session: Session): AsyncGenerator<Uint8Array> {
  const { id, email, name } = session.account;
  const write = (part: ArchivePart) => utf8(JSON.stringify(part));
  yield write({ kind: 'account', id, email, name, at: new Date().toISOString() });
  for (const row of await roomsOf(session))
    for await (const messages of pagesOf(session, row))
      yield write({ kind: 'messages', room: row.id, roomName: row.name, messages });
}

/**
 * Puts back the messages of an archive that this device lacks or cannot read, in rooms that the account is in. What is here and readable
 * stays as it is.
 *
 * @param changed called for each room that has got some
 * @throws EngineError `no-archive`, `wrong-passphrase`, `other-account`
 */
export async function restoreArchive(
  session: Session,
  archive: { file: Blob; passphrase: string },
  changed: (room: string) => Promise<void>,
  work?: KeyWork,
): Promise<Restored> {
  const parts = await readArchive(session, archive, work);
  const [first, ...rest] = parts;
  if (first?.kind !== 'account') throw noArchive();
  if (first.id !== session.account.id)
    throw new EngineError(
      'other-account',
      m.engine_otherAccount({ email: isGuest(first.email) ? first.name : first.email }),
    );
  const rooms = new Set<string>();
  const missing = new Set<string>();
  let messages = 0;
  for (const part of rest) {
    if (part.kind !== 'messages') continue;
    const count = await putBack(session, part);
    if (count === undefined) missing.add(part.roomName);
    else if (count > 0) rooms.add(part.room);
    messages += count ?? 0;
  }
  for (const room of rooms) await changed(room);
  return { messages, rooms: rooms.size, missing: [...missing] };
}

/** All parts: nothing is put back of an archive that doesn't open to its end. */
async function readArchive(
  session: Session,
  { file, passphrase }: { file: Blob; passphrase: string },
  work?: KeyWork,
): Promise<ArchivePart[]> {
  const [head = '', ...lines] = (await file.text()).trimEnd().split('\n');
  const header = ArchiveHeader.safeParse(parse(head));
  if (!header.success) throw noArchive();
  const { salt } = header.data;
  const key = await session.keys.archiveKey({ passphrase, salt }, work);
  const parts: ArchivePart[] = [];
  try {
    for await (const line of openLines(key, salt, lines.map(fromBase64)))
      parts.push(ArchivePart.parse(JSON.parse(fromUtf8(line))));
  } catch (cause) {
    if (!(cause instanceof SealError || cause instanceof RangeError)) throw noArchive(cause);
    // Nobody can tell which of the two it is once the first line doesn't open.
    throw parts.length > 0
      ? noArchive(cause)
      : new EngineError('wrong-passphrase', m.engine_wrongPassphrase(), {
          cause,
        });
  }
  return parts;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const noArchive = (cause?: unknown) =>
  new EngineError('no-archive', m.engine_noArchive(), {
    cause,
  });

/** Puts back what is missing of one part; answers how many messages, or undefined where the account is not in that room. */
async function putBack(
  { store, locks }: Session,
  { room, messages }: Extract<ArchivePart, { kind: 'messages' }>,
): Promise<number | undefined> {
  return locks.run('crypto', async () => {
    const row = await store.get('rooms', room);
    if (!row) return undefined;
    const draft: Draft = (store as Store<Table>).draft();
    let count = 0;
    for (const message of messages) {
      if (message.seq > row.cursor || message.content.kind === 'unreadable') continue;
      const here: Row<'messages'> | undefined = await store.get('messages', messageKey(room, message.seq));
      if (here && (here.id !== message.id || here.content.kind !== 'unreadable')) continue;
      putMessage(draft, room, message);
      count += 1;
    }
    if (count > 0) draft.put('rooms', room, { ...row, repairs: (row.repairs ?? 0) + 1 });
    await draft.commit();
    return count;
  });
}
