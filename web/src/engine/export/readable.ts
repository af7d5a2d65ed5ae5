import { isContent } from '../../../../protocol/content.ts';
import { isGuest } from '../../../../protocol/spelling.ts';
import type { Session } from '../account/session.ts';
import { hear, isChange } from '../rooms/changes.ts';
import { Membership } from '../rooms/membership.ts';
import type { Row } from '../store/store.ts';
import { toHtml } from './html.ts';
import { pagesOf, roomsOf } from './walk.ts';

/** One message as a person reads it later, without us. */
export interface ReadableMessage {
  readonly at: string;
  readonly author: string;
  readonly kind: 'text' | 'file' | 'deleted' | 'unreadable';
  readonly text?: string;
  readonly edited?: true;
}

export interface ReadableRoom {
  readonly name: string;
  readonly members: readonly string[];
  readonly messages: readonly ReadableMessage[];
}

/** All that this device can read, in the clear. */
export interface ReadableExport {
  readonly format: 'stream-chat export';
  readonly v: 1;
  readonly exportedAt: string;
  /** A guest has no email. */
  readonly account: { readonly name: string; readonly email?: string };
  readonly rooms: readonly ReadableRoom[];
}

/** Gathers all that this device can read: as a page for people, or as JSON for programs. */
export async function exportReadable(session: Session, as: 'html' | 'json'): Promise<Blob> {
  const { name, email } = session.account;
  const rooms: ReadableRoom[] = [];
  for (const row of await roomsOf(session)) rooms.push(await readRoom(session, row));
  const document: ReadableExport = {
    ...{ format: 'stream-chat export', v: 1, exportedAt: new Date().toISOString() },
    ...{ account: { name, ...(!isGuest(email) && { email }) }, rooms },
  };
  return as === 'json'
    ? new Blob([JSON.stringify(document, undefined, 2)], { type: 'application/json' })
    : new Blob([toHtml(document)], { type: 'text/html' });
}

async function readRoom(session: Session, row: Row<'rooms'>): Promise<ReadableRoom> {
  const membership = new Membership({ session, room: row.id, secret: row.secret, onGrowth: async () => {} });
  await membership.restore(row.roster);
  const name = (userId: string) => membership.name(userId);
  const all: Row<'messages'>[] = [];
  for await (const page of pagesOf(session, row)) all.push(...page);
  const { changes } = hear(all);
  const messages = all
    .filter(({ content }) => !isChange(content))
    .flatMap(({ id, at, sender, content }): ReadableMessage[] => {
      const { body, deleted } = changes.get(id) ?? {};
      const base = { at: new Date(at).toISOString(), author: name(sender) };
      if (deleted || content.kind === 'deleted') return [{ ...base, kind: 'deleted' }];
      if (isContent(content, 'text'))
        return [
          { ...base, kind: 'text', text: body ?? content.body, ...(body !== undefined && { edited: true }) },
        ];
      if (isContent(content, 'file')) return [{ ...base, kind: 'file' }];
      return content.kind === 'unreadable' ? [{ ...base, kind: 'unreadable' }] : [];
    });
  return { name: row.name, members: membership.members.map(({ userId }) => name(userId)), messages };
}
