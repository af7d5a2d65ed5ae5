import { and, asc, desc, eq, gt, isNotNull, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/pg-core';
import type { Room } from '../../protocol/rest/index.ts';
import type { Message } from '../../protocol/socket.ts';
import type { Database } from './client.ts';
import { chatroomMembers, chatrooms, messages, recipientUser } from './schema.ts';

/** Where a page of memberships ended. */
export interface MembershipCursor {
  readonly joinedAt: Date;
  readonly roomId: string;
}

/** A person's rooms after `cursor`, newest membership first, each with the cursor that it leaves. */
export async function roomsOf(
  database: Database,
  userId: string,
  cursor: MembershipCursor | undefined,
  limit: number,
): Promise<{ room: Room; cursor: MembershipCursor }[]> {
  const { joinedAt, chatroomId } = chatroomMembers;
  const rows = await database
    .select({
      id: chatrooms.id,
      name: chatrooms.name,
      ownerId: chatrooms.ownerId,
      createdAt: chatrooms.createdAt,
      role: chatroomMembers.role,
      sealedKey: chatroomMembers.sealedKey,
      joinedAt,
    })
    .from(chatroomMembers)
    .innerJoin(chatrooms, eq(chatrooms.id, chatroomId))
    .where(
      and(
        eq(chatroomMembers.userId, userId),
        cursor &&
          sql`(${joinedAt}, ${chatroomId}) < (${cursor.joinedAt.toISOString()}::timestamptz, ${cursor.roomId}::uuid)`,
      ),
    )
    .orderBy(desc(joinedAt), desc(chatroomId))
    .limit(limit);
  return rows.map(({ joinedAt, createdAt, ...room }) => ({
    room: { ...room, createdAt: createdAt.toISOString() },
    cursor: { joinedAt, roomId: room.id },
  }));
}

/**
 * Up to `limit` archived messages of a room that `userId` may see, ascending: the first after `after`, else the last,
 * in either case before `before`.
 */
export async function archivedMessages(
  database: Database,
  roomId: string,
  userId: string,
  page: { after?: number | undefined; before: number; limit: number },
): Promise<Message[]> {
  const part = (kind: SQL | undefined) => {
    const { chatroomId, seq, expiresAt } = messages;
    const after = page.after === undefined ? undefined : gt(seq, page.after);
    const alive = or(isNull(expiresAt), sql`${expiresAt} > now()`);
    return database
      .select()
      .from(messages)
      .where(and(eq(chatroomId, roomId), kind, lt(seq, page.before), after, alive))
      .orderBy(page.after === undefined ? desc(seq) : asc(seq))
      .limit(page.limit);
  };
  // Two reads, each along its own index: most of a big room's log may be to other people's devices, and none of that is touched.
  const { recipient } = messages;
  const direct = and(isNotNull(recipient), sql`${recipientUser(recipient)} = ${userId}`);
  const rows = await unionAll(part(isNull(recipient)), part(direct))
    .orderBy(page.after === undefined ? sql`seq desc` : sql`seq`)
    .limit(page.limit);
  const items = rows.map(toMessage);
  return page.after === undefined ? items.reverse() : items;
}

/** A row of the log as it travels. */
export const toMessage = (row: typeof messages.$inferSelect): Message => ({
  id: row.id,
  device: row.device,
  box: row.cipherText,
  ...(row.recipient === null ? {} : { recipient: row.recipient }),
  ...(row.commitment === null ? {} : { commitment: row.commitment }),
  ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt.getTime() }),
  seq: row.seq,
  sender: row.senderId,
  at: row.createdAt.getTime(),
});
